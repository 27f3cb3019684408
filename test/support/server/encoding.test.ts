import * as zlib from 'node:zlib';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { ask } from './raw-client.js';
import { hasZstd } from './routes-encoding.js';
import { startServer } from './start.js';
import type { Server } from './types.js';

let server: Server;
beforeAll(async () => void (server = await startServer()));
afterAll(() => server.close());

const call = (path: string, options = {}) => ask(server.url(path), options);

describe('encodings', () => {
  it.each([
    ['gzip', 'gzip', zlib.gunzipSync],
    ['x-gzip', 'x-gzip', zlib.gunzipSync],
    ['deflate', 'deflate', zlib.inflateSync],
    ['deflate-raw', 'deflate', zlib.inflateRawSync],
    ['br', 'br', zlib.brotliDecompressSync],
    ['identity', 'identity', (bytes: Buffer) => bytes],
    ['nonsense', 'nonsense', (bytes: Buffer) => bytes],
  ])('%s', async (as, name, decode) => {
    const answer = await call(`/encoded?as=${as}&body=plain`);
    expect(answer.header('content-encoding')).toBe(name);
    expect(decode(answer.body).toString()).toBe('plain');
  });

  it.runIf(hasZstd)('zstd', async () => {
    expect(zlib.zstdDecompressSync((await call('/encoded?as=zstd&body=plain')).body).toString()).toBe('plain');
  });

  it('in layers', async () => {
    const two = await call('/encoded?as=gzip&as=br&chunked=1');
    expect(two.header('content-encoding')).toBe('gzip, br');
    expect(zlib.gunzipSync(zlib.brotliDecompressSync(two.body)).toString()).toBe('{"encoded":true}');
    const six = await call(`/encoded?${'as=gzip&'.repeat(6)}`);
    expect(six.header('content-encoding')).toBe(Array(6).fill('gzip').join(', '));
    expect((await call('/encoded?as=gzip&header=GZIP')).header('content-encoding')).toBe('GZIP');
  });
});

describe('encodings that go wrong', () => {
  it('with damage', async () => {
    const damaged = async (damage: string) => (await call(`/encoded?as=gzip&size=5000&fill=abc&damage=${damage}`)).body;
    const whole = await damaged('none');
    expect(whole.subarray(0, (await damaged('truncate')).length)).toEqual(await damaged('truncate'));
    const errors = {
      truncate: 'unexpected end of file',
      corrupt: /invalid|incorrect/,
      checksum: 'incorrect data check',
    };
    for (const [damage, message] of Object.entries(errors)) {
      const bytes = await damaged(damage);
      expect(() => zlib.gunzipSync(bytes)).toThrow(message);
    }
    expect((await damaged('trailing')).toString('latin1')).toMatch(/trailing garbage$/);
    expect(zlib.gunzipSync(await damaged('twice'))).toHaveLength(10_000);
    expect(await damaged('empty')).toHaveLength(0);
  });

  it('on answers without a body', async () => {
    const head = await call('/encoded?as=gzip', { method: 'HEAD' });
    expect([head.header('content-encoding'), head.body.length]).toEqual(['gzip', 0]);
    const none = await call('/encoded?as=gzip&status=204');
    expect([none.status, none.header('content-encoding'), none.body.length]).toEqual([204, 'gzip', 0]);
  });
});

describe('bombs', () => {
  it.each([
    [['gzip'], (bytes: Buffer) => zlib.gunzipSync(bytes)],
    [['br'], (bytes: Buffer) => zlib.brotliDecompressSync(bytes)],
    [['gzip', 'gzip'], (bytes: Buffer) => zlib.gunzipSync(zlib.gunzipSync(bytes))],
  ])('of %j are small on the wire', async (as, decode) => {
    const answer = await call(`/bomb?bytes=8000000&${as.map((name) => `as=${name}`).join('&')}`);
    expect(answer.header('content-encoding')).toBe(as.join(', '));
    expect(answer.body.length).toBeLessThan(8_500);
    expect(decode(answer.body)).toHaveLength(8_000_000);
  });

  it('stop when the client leaves', async () => {
    await call('/bomb?bytes=1e12&id=bomb', { abortAfterMs: 10 });
    expect(await server.closed('bomb')).toMatchObject({ state: 'aborted' });
    expect(server.stats().faults).toEqual([]);
  });
});
