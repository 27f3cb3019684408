import { createHash } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { changes, downloading, FILE, other, sendRange } from './downloading.js';
import type { Answer } from './scripted-server.js';

const at = downloading();
const SHA = createHash('sha256').update(FILE).digest('hex');
const plain: Answer = (request, response) => sendRange(request, response);

describe('download, of a file with a digest', () => {
  it('checks a digest that is given, across connections', async () => {
    const cut: Answer = (request, response, count) => sendRange(request, response, count < 3 ? { cut: 40_000 } : {});
    expect((await at.run(cut, { sha256: SHA.toUpperCase() })).error).toBeUndefined();
    await at.server.close();
    const { error } = await at.run(cut, { sha256: '0'.repeat(64) });
    expect(error).toMatchObject({ kind: 'protocol', message: expect.stringContaining(SHA) });
  });

  it('begins its sum anew with the bytes', async () => {
    const sha256 = createHash('sha256').update(other).digest('hex');
    const { bytes, error } = await at.run(changes, { sha256, restart: () => undefined });
    expect(error).toBeUndefined();
    expect(bytes.equals(other)).toBe(true);
  });

  const field = (sha: string) => ({ 'repr-digest': `sha-256=:${Buffer.from(sha, 'hex').toString('base64')}:` });

  it('checks a file of no bytes by the refusal of its range', async () => {
    const refusing =
      (sha: string): Answer =>
      (_, response) =>
        void response.writeHead(416, { 'content-range': 'bytes */0', ...field(sha) }).end();
    const nothing = createHash('sha256').digest('hex');
    expect((await at.run(refusing(nothing), { sha256: true })).error).toBeUndefined();
    await at.server.close();
    expect((await at.run(refusing(SHA), { sha256: true })).error).toMatchObject({ kind: 'protocol' });
  });

  it('checks the digest that the server names', async () => {
    const named = (sha: string): Answer => {
      return (_, response) => void response.writeHead(200, field(sha)).end(FILE);
    };
    expect((await at.run(named(SHA), { sha256: true })).error).toBeUndefined();
    expect(at.server.seen[0]!.headers['want-repr-digest']).toBe('sha-256=9');
    await at.server.close();
    expect((await at.run(named('0'.repeat(64)), { sha256: true })).error).toMatchObject({ kind: 'protocol' });
    await at.server.close();
    const { bytes, error } = await at.run(plain, { sha256: true });
    expect(error?.message).toContain('no Repr-Digest');
    expect(bytes).toHaveLength(0);
  });
});
