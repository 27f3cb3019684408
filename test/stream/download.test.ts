import { gzipSync } from 'node:zlib';

import { describe, expect, it } from 'vitest';

import { download } from '../../lib/stream/download.js';
import { leastMs } from '../support/least.js';
import { changes, downloading, FILE, firstByte, other, quick, sendRange } from './downloading.js';
import type { Answer } from './scripted-server.js';

const at = downloading();
const plain: Answer = (request, response) => sendRange(request, response);

describe('download', () => {
  it('gives every byte of a file', async () => {
    const { bytes, error, types } = await at.run(plain);
    expect(error).toBeUndefined();
    expect(bytes.equals(FILE)).toBe(true);
    expect(types).toEqual(['connecting', 'open']);
    expect(at.server.seen[0]!.headers).toMatchObject({ range: 'bytes=0-', 'accept-encoding': 'identity' });
  });

  it('goes on behind the last byte when connections break, with If-Range and the strong tag', async () => {
    const { bytes, error, types } = await at.run((request, response, count) =>
      sendRange(request, response, count < 4 ? { cut: 30_000 } : {}),
    );
    expect(error).toBeUndefined();
    expect(bytes.equals(FILE)).toBe(true);
    expect(types.slice(0, 6)).toEqual(['connecting', 'open', 'lost', 'waiting', 'connecting', 'open']);
    const resumed = at.server.seen.slice(1);
    expect(resumed.every(({ headers }) => headers['if-range'] === '"v1"')).toBe(true);
    expect(resumed.every((request) => firstByte(request) > 0)).toBe(true);
  });

  it('takes a file without a length at its end', async () => {
    const { bytes, error } = await at.run((_, response) => {
      response.write(FILE.subarray(0, 1000));
      response.end(FILE.subarray(1000));
    });
    expect(error).toBeUndefined();
    expect(bytes.equals(FILE)).toBe(true);
  });

  it('completes an empty file, whose range a server refuses', async () => {
    const { bytes, error } = await at.run((_, response) => {
      response.writeHead(416, { 'content-range': 'bytes */0' }).end();
    });
    expect(error).toBeUndefined();
    expect(bytes).toHaveLength(0);
  });

  it('completes when the connection broke behind the last byte', async () => {
    const { bytes, error } = await at.run((_, response, count) => {
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
    const { bytes, types } = await at.run((request, response) => {
      const from = firstByte(request);
      const piece = FILE.subarray(from, from + 50_000);
      const range = `bytes ${from}-${from + piece.length - 1}/${FILE.length}`;
      response.writeHead(206, { etag: '"v1"', 'content-length': piece.length, 'content-range': range }).end(piece);
    });
    expect(bytes.equals(FILE)).toBe(true);
    expect(at.server.seen).toHaveLength(4);
    expect(types).not.toContain('waiting');
  });

  it('waits before it asks a server again that sent nothing, and gives up in the end', async () => {
    const { error, types } = await at.run((_, response) => {
      response.writeHead(206, { etag: '"v1"', 'content-length': 0, 'content-range': 'bytes 0-9/10' }).end();
    });
    expect(error).toMatchObject({ kind: 'network', message: expect.stringContaining('ended after 0 bytes') });
    expect(at.server.seen).toHaveLength(quick.attempts);
    expect(types.filter((type) => type === 'waiting')).toHaveLength(quick.attempts - 1);
  });

  it('leaves out what it has where a server sends the same file from its first byte', async () => {
    const { bytes, error } = await at.run((_, response, count) => {
      response.writeHead(200, { etag: '"v1"', 'content-length': FILE.length });
      if (count > 1) response.end(FILE);
      else response.write(FILE.subarray(0, 70_000), () => setImmediate(() => response.destroy()));
    });
    expect(error).toBeUndefined();
    expect(bytes.equals(FILE)).toBe(true);
  });

  it('asks for one value at a time and holds the server back', async () => {
    const big = Buffer.alloc(32 * 1024 * 1024, 7);
    const api = await at.start((request, response) => sendRange(request, response, { file: big }));
    const pieces = download(api, '/file')[Symbol.asyncIterator]();
    await pieces.next();
    const socket = [...at.server.sockets][0]!;
    await new Promise((resolve) => void setTimeout(resolve, 200));
    expect(socket.writableLength).toBeGreaterThan(big.length / 2);
    await pieces.return!();
  });

  it('closes the socket within 50 ms of leaving, with a read pending', async () => {
    const api = await at.start((_, response) => {
      response.writeHead(200, { 'content-length': 1000 });
      response.write('x');
    });
    const closed = () =>
      new Promise<number>((resolve) => {
        const subscription = download(api, '/file').subscribe(() => {
          const leftAt = performance.now();
          at.server.onClose = () => resolve(performance.now() - leftAt);
          subscription.unsubscribe();
        });
      });
    expect(await leastMs(50, closed)).toBeLessThan(50);
  });
});

describe('download, of a file that changes', () => {
  it('fails, and never puts two of them together', async () => {
    const { bytes, error } = await at.run(changes);
    expect(error).toMatchObject({ kind: 'protocol', message: expect.stringContaining('has changed') });
    expect(bytes.equals(FILE.subarray(0, bytes.length))).toBe(true);
  });

  it('begins anew where it may, and says so before the first byte', async () => {
    const { bytes, error, types } = await at.run(changes, { restart: () => undefined });
    expect(error).toBeUndefined();
    expect(bytes.equals(other)).toBe(true);
    expect(types.slice(-2)).toEqual(['open', 'gap']);
  });

  it('begins anew when a server goes on with another version', async () => {
    const { bytes, error, types } = await at.run(
      (request, response, count) => {
        if (count !== 2) return changes(request, response, count);
        const from = firstByte(request);
        response.writeHead(206, { etag: '"v2"', 'content-range': `bytes ${from}-${other.length - 1}/${other.length}` });
        response.end(other.subarray(from));
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
    expect((await at.run(answer)).error).toMatchObject({ kind: 'status', status });
    await at.server.close();
    const { bytes } = await at.run(answer, { restart: () => undefined });
    expect(bytes.equals(other)).toBe(true);
  });

  it.each([
    ['another tag', { etag: '"v2"' }],
    ['no tag', {}],
    ['a weak tag', { etag: 'W/"v1"' }],
    ['another length of the whole', { etag: '"v1"' }, FILE.length + 1],
    ['a coding', { etag: '"v1"', 'content-encoding': 'gzip' }],
  ])('does not go on with a piece that has %s', async (_, fields, total = FILE.length) => {
    const { bytes, error } = await at.run((request, response, count) => {
      if (count === 1) return sendRange(request, response, { cut: 30_000 });
      const from = firstByte(request);
      response.writeHead(206, { ...fields, 'content-range': `bytes ${from}-${FILE.length - 1}/${total}` });
      response.end(FILE.subarray(from));
    });
    expect(error).toMatchObject({ kind: 'protocol' });
    expect(bytes.equals(FILE.subarray(0, bytes.length))).toBe(true);
    expect(at.server.seen).toHaveLength(2);
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
    expect(await at.run(send(Infinity))).toMatchObject({ bytes: FILE, error: undefined });
    await at.server.close();
    expect((await at.run(send(100_000))).error).toMatchObject({ kind: 'network' });
    expect(at.server.seen).toHaveLength(1);
  });

  it('does not go on without a strong tag', async () => {
    const { error } = await at.run((request, response) => sendRange(request, response, { etag: 'W/"1"', cut: 9000 }));
    expect(error).toMatchObject({ kind: 'network' });
    expect(at.server.seen).toHaveLength(1);
  });

  it('refuses a piece that it did not ask for', async () => {
    const { error } = await at.run((_, response) => {
      response.writeHead(206, { 'content-range': 'bytes 5-9/10' }).end('56789');
    });
    expect(error).toMatchObject({ kind: 'protocol', message: expect.stringContaining('bytes 5-9/10') });
  });

  it('refuses more bytes than the server named', async () => {
    const { error } = await at.run((_, response) => {
      response.writeHead(206, { 'content-range': 'bytes 0-3/4', 'transfer-encoding': 'chunked' }).end('012345');
    });
    expect(error).toMatchObject({ kind: 'protocol', message: expect.stringContaining('4 bytes') });
  });
});
