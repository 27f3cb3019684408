import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';

import { afterEach, describe, expect, it } from 'vitest';

import { isProgress } from '../../lib/core/progress.js';
import { createApi } from '../../lib/http/api.js';
import { download } from '../../lib/stream/download.js';
import type { DownloadOptions } from '../../lib/stream/download-settings.js';
import { type Answer, type ScriptedServer, type Seen, startScripted } from './scripted-server.js';

const FILE = Buffer.from(Array.from({ length: 200_000 }, (_, i) => (i * i) % 251));
const SHA = createHash('sha256').update(FILE).digest('hex');
const quick = { baseMs: 1, capMs: 2, attempts: 6 };

let server: ScriptedServer;
afterEach(() => server.close());

async function start(answer: Answer) {
  server = await startScripted(answer);
  return createApi({ baseUrl: server.origin });
}

const firstByte = ({ headers }: Seen): number => Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1]);

/** Answers as a server does that knows ranges; `cut` breaks the connection after so many bytes. */
function sendRange(request: Seen, response: ServerResponse, { file = FILE, etag = '"v1"', cut = Infinity } = {}): void {
  const at = firstByte(request);
  const isRange = at > 0 && request.headers['if-range'] === etag;
  const body = isRange ? file.subarray(at) : file;
  const range = { 'content-range': `bytes ${at}-${file.length - 1}/${file.length}` };
  response.writeHead(isRange ? 206 : 200, { etag, 'content-length': body.length, ...(isRange ? range : {}) });
  if (cut >= body.length) response.end(body);
  else response.write(body.subarray(0, cut), () => setImmediate(() => response.destroy()));
}

/** Downloads; gives what came, how it ended, and the types of events between progress. */
async function run(answer: Answer, options: DownloadOptions = {}) {
  const api = await start(answer);
  let pieces: Uint8Array[] = [];
  const types: string[] = [];
  const restart = options.restart && (() => void (pieces = []));
  const error = await new Promise<unknown>((resolve) => {
    const flow = download(api, '/file', { reconnect: quick, ...options, ...(restart ? { restart } : {}) });
    flow.events().subscribe({
      next: (event) => {
        if (event.type === 'value') pieces.push(event.value);
        else expect(isProgress(event)).toBe(true);
        if (event.type !== 'value' && event.type !== 'download') types.push(event.type);
      },
      error: resolve,
      complete: () => resolve(undefined),
    });
  });
  return { bytes: Buffer.concat(pieces), error: error as { kind?: string; message: string } | undefined, types };
}

const plain: Answer = (request, response) => sendRange(request, response);

describe('download', () => {
  it('gives every byte of a file', async () => {
    const { bytes, error, types } = await run(plain);
    expect(error).toBeUndefined();
    expect(bytes.equals(FILE)).toBe(true);
    expect(types).toEqual(['connecting', 'open']);
    expect(server.seen[0]!.headers).toMatchObject({ range: 'bytes=0-', 'accept-encoding': 'identity' });
  });

  it('goes on behind the last byte when connections break, with If-Range and the strong tag', async () => {
    const { bytes, error, types } = await run((request, response, count) =>
      sendRange(request, response, count < 4 ? { cut: 30_000 } : {}),
    );
    expect(error).toBeUndefined();
    expect(bytes.equals(FILE)).toBe(true);
    expect(types.slice(0, 6)).toEqual(['connecting', 'open', 'lost', 'waiting', 'connecting', 'open']);
    const resumed = server.seen.slice(1);
    expect(resumed.every(({ headers }) => headers['if-range'] === '"v1"')).toBe(true);
    expect(resumed.every((request) => firstByte(request) > 0)).toBe(true);
  });

  it('takes a file without a length at its end', async () => {
    const { bytes, error } = await run((_, response) => {
      response.write(FILE.subarray(0, 1000));
      response.end(FILE.subarray(1000));
    });
    expect(error).toBeUndefined();
    expect(bytes.equals(FILE)).toBe(true);
  });

  it('completes an empty file, whose range a server refuses', async () => {
    const { bytes, error } = await run((_, response) => {
      response.writeHead(416, { 'content-range': 'bytes */0' }).end();
    });
    expect(error).toBeUndefined();
    expect(bytes).toHaveLength(0);
  });

  it('completes when the connection broke behind the last byte', async () => {
    const { bytes, error } = await run((_, response, count) => {
      if (count > 1) response.writeHead(416, { 'content-range': `bytes */${FILE.length}`, etag: '"v1"' }).end();
      else {
        response.writeHead(200, { etag: '"v1"', 'transfer-encoding': 'chunked' });
        response.write(FILE, () => setTimeout(() => response.destroy(), 20));
      }
    });
    expect(error).toBeUndefined();
    expect(bytes.equals(FILE)).toBe(true);
  });

  it('fetches the rest at once when a server sends less than it was asked for', async () => {
    const { bytes, types } = await run((request, response) => {
      const at = firstByte(request);
      const piece = FILE.subarray(at, at + 50_000);
      const range = `bytes ${at}-${at + piece.length - 1}/${FILE.length}`;
      response.writeHead(206, { etag: '"v1"', 'content-length': piece.length, 'content-range': range }).end(piece);
    });
    expect(bytes.equals(FILE)).toBe(true);
    expect(server.seen).toHaveLength(4);
    expect(types).not.toContain('waiting');
  });

  it('waits before it asks a server again that sent nothing, and gives up in the end', async () => {
    const { error, types } = await run((_, response) => {
      response.writeHead(206, { etag: '"v1"', 'content-length': 0, 'content-range': 'bytes 0-9/10' }).end();
    });
    expect(error).toMatchObject({ kind: 'network', message: expect.stringContaining('ended after 0 bytes') });
    expect(server.seen).toHaveLength(quick.attempts);
    expect(types.filter((type) => type === 'waiting')).toHaveLength(quick.attempts - 1);
  });

  it('leaves out what it has where a server sends the same file from its first byte', async () => {
    const { bytes, error } = await run((_, response, count) => {
      response.writeHead(200, { etag: '"v1"', 'content-length': FILE.length });
      if (count > 1) response.end(FILE);
      else response.write(FILE.subarray(0, 70_000), () => setImmediate(() => response.destroy()));
    });
    expect(error).toBeUndefined();
    expect(bytes.equals(FILE)).toBe(true);
  });

  it('asks for one value at a time and holds the server back', async () => {
    const big = Buffer.alloc(32 * 1024 * 1024, 7);
    const api = await start((request, response) => sendRange(request, response, { file: big }));
    const pieces = download(api, '/file')[Symbol.asyncIterator]();
    await pieces.next();
    const socket = [...server.sockets][0]!;
    await new Promise((resolve) => void setTimeout(resolve, 200));
    expect(socket.writableLength).toBeGreaterThan(big.length / 2);
    await pieces.return!();
  });

  it('closes the socket within 50 ms of leaving, with a read pending', async () => {
    const api = await start((_, response) => {
      response.writeHead(200, { 'content-length': 1000 });
      response.write('x');
    });
    const closed = new Promise<number>((resolve) => {
      const subscription = download(api, '/file').subscribe(() => {
        const leftAt = performance.now();
        server.onClose = () => resolve(performance.now() - leftAt);
        subscription.unsubscribe();
      });
    });
    expect(await closed).toBeLessThan(50);
  });
});

const other = Buffer.from(FILE.toReversed());
const changes: Answer = (request, response, count) =>
  sendRange(request, response, count === 1 ? { cut: 30_000 } : { file: other, etag: '"v2"' });

describe('download, of a file that changes', () => {
  it('fails, and never puts two of them together', async () => {
    const { bytes, error } = await run(changes);
    expect(error).toMatchObject({ kind: 'protocol', message: expect.stringContaining('has changed') });
    expect(bytes.equals(FILE.subarray(0, bytes.length))).toBe(true);
  });

  it('begins anew where it may, and says so before the first byte', async () => {
    const { bytes, error, types } = await run(changes, { restart: () => undefined });
    expect(error).toBeUndefined();
    expect(bytes.equals(other)).toBe(true);
    expect(types.slice(-2)).toEqual(['open', 'gap']);
  });

  it('begins anew when a server goes on with another version', async () => {
    const { bytes, error, types } = await run(
      (request, response, count) => {
        if (count !== 2) return changes(request, response, count);
        const at = firstByte(request);
        response.writeHead(206, { etag: '"v2"', 'content-range': `bytes ${at}-${other.length - 1}/${other.length}` });
        response.end(other.subarray(at));
      },
      { restart: () => undefined },
    );
    expect(error).toBeUndefined();
    expect(bytes.equals(other)).toBe(true);
    expect(types.filter((type) => type === 'gap')).toHaveLength(1);
  });

  it.each([412, 416])('reads %i as a change', async (status) => {
    const answer: Answer = (request, response, count) => {
      if (count === 2) response.writeHead(status).end();
      else sendRange(request, response, count === 1 ? { cut: 30_000 } : { file: other, etag: '"v2"' });
    };
    expect((await run(answer)).error).toMatchObject({ kind: 'status', status });
    await server.close();
    const { bytes } = await run(answer, { restart: () => undefined });
    expect(bytes.equals(other)).toBe(true);
  });

  it.each([
    ['another tag', { etag: '"v2"' }],
    ['no tag', {}],
    ['a weak tag', { etag: 'W/"v1"' }],
    ['another length of the whole', { etag: '"v1"' }, FILE.length + 1],
    ['a coding', { etag: '"v1"', 'content-encoding': 'gzip' }],
  ])('does not go on with a piece that has %s', async (_, fields, total = FILE.length) => {
    const { bytes, error } = await run((request, response, count) => {
      if (count === 1) return sendRange(request, response, { cut: 30_000 });
      const at = firstByte(request);
      response.writeHead(206, { ...fields, 'content-range': `bytes ${at}-${FILE.length - 1}/${total}` });
      response.end(FILE.subarray(at));
    });
    expect(error).toMatchObject({ kind: 'protocol' });
    expect(bytes.equals(FILE.subarray(0, bytes.length))).toBe(true);
    expect(server.seen).toHaveLength(2);
  });

  it('takes a coded body whole, and never puts its pieces together', async () => {
    const coded = gzipSync(FILE, { level: 0 });
    const send =
      (cut: number): Answer =>
      (_, response) => {
        response.writeHead(200, { etag: '"v1"', 'content-encoding': 'gzip', 'content-length': coded.length });
        if (cut === Infinity) response.end(coded);
        else response.write(coded.subarray(0, cut), () => setTimeout(() => response.destroy(), 20));
      };
    expect(await run(send(Infinity))).toMatchObject({ bytes: FILE, error: undefined });
    await server.close();
    expect((await run(send(100_000))).error).toMatchObject({ kind: 'network' });
    expect(server.seen).toHaveLength(1);
  });

  it('does not go on without a strong tag', async () => {
    const { error } = await run((request, response) => sendRange(request, response, { etag: 'W/"1"', cut: 9000 }));
    expect(error).toMatchObject({ kind: 'network' });
    expect(server.seen).toHaveLength(1);
  });

  it('refuses a piece that it did not ask for', async () => {
    const { error } = await run((_, response) => {
      response.writeHead(206, { 'content-range': 'bytes 5-9/10' }).end('56789');
    });
    expect(error).toMatchObject({ kind: 'protocol', message: expect.stringContaining('bytes 5-9/10') });
  });

  it('refuses more bytes than the server named', async () => {
    const { error } = await run((_, response) => {
      response.writeHead(206, { 'content-range': 'bytes 0-3/4', 'transfer-encoding': 'chunked' }).end('012345');
    });
    expect(error).toMatchObject({ kind: 'protocol', message: expect.stringContaining('4 bytes') });
  });
});

describe('download, of a file with a digest', () => {
  it('checks a digest that is given, across connections', async () => {
    const cut: Answer = (request, response, count) => sendRange(request, response, count < 3 ? { cut: 40_000 } : {});
    expect((await run(cut, { sha256: SHA.toUpperCase() })).error).toBeUndefined();
    await server.close();
    const { error } = await run(cut, { sha256: '0'.repeat(64) });
    expect(error).toMatchObject({ kind: 'protocol', message: expect.stringContaining(SHA) });
  });

  it('begins its sum anew with the bytes', async () => {
    const sha256 = createHash('sha256').update(other).digest('hex');
    const { bytes, error } = await run(changes, { sha256, restart: () => undefined });
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
    expect((await run(refusing(nothing), { sha256: true })).error).toBeUndefined();
    await server.close();
    expect((await run(refusing(SHA), { sha256: true })).error).toMatchObject({ kind: 'protocol' });
  });

  it('checks the digest that the server names', async () => {
    const named = (sha: string): Answer => {
      return (_, response) => void response.writeHead(200, field(sha)).end(FILE);
    };
    expect((await run(named(SHA), { sha256: true })).error).toBeUndefined();
    expect(server.seen[0]!.headers['want-repr-digest']).toBe('sha-256=9');
    await server.close();
    expect((await run(named('0'.repeat(64)), { sha256: true })).error).toMatchObject({ kind: 'protocol' });
    await server.close();
    const { bytes, error } = await run(plain, { sha256: true });
    expect(error?.message).toContain('no Repr-Digest');
    expect(bytes).toHaveLength(0);
  });
});
