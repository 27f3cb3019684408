import { firstValueFrom } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createApi } from '../../lib/http/api.js';
import { upload } from '../../lib/stream/upload.js';
import type { UploadOptions } from '../../lib/stream/upload-settings.js';
import type { UploadSource } from '../../lib/stream/upload-source.js';
import { type Rudeness, type RudeTus, startRudeTus } from './rude-tus.js';

const FILE = Uint8Array.from({ length: 10_000 }, (_, i) => (i * i) % 251);
const chunkBytes = 2000;

let server: RudeTus;
beforeEach(async () => {
  server = await startRudeTus();
});
afterEach(() => server.close());

async function* once(bytes: Uint8Array) {
  for (let at = 0; at < bytes.length; at += 700) yield bytes.subarray(at, at + 700);
}

const flowOf = (source: UploadSource = FILE, options: UploadOptions = {}) => {
  const api = createApi({ baseUrl: server.origin, headers: { 'x-mine': '1' } });
  return upload(api, '/files', source, { chunkBytes, reconnect: { baseMs: 1, capMs: 2, attempts: 8 }, ...options });
};

/** Uploads; gives how it ended, the types of events between progress, and the methods that the server saw. */
async function run(source: UploadSource = FILE, options: UploadOptions = {}) {
  const types: string[] = [];
  let url = '';
  const error = await new Promise<unknown>((resolve) => {
    flowOf(source, options)
      .events()
      .subscribe({
        next: (event) => {
          if (event.type === 'value') url = new URL(event.value.url).pathname;
          else if (event.type !== 'upload') types.push(event.type);
        },
        error: resolve,
        complete: () => resolve(undefined),
      });
  });
  const methods = server.seen.map(({ method }) => method);
  return { error, types, methods, bytes: server.uploads.get(url)?.bytes };
}

/** Rude once, to the nth request with this method. */
function onceTo(method: string, nth: number, be: Rudeness): Rudeness {
  let count = 0;
  return (seen, reply, held) => seen.method === method && ++count === nth && be(seen, reply, held);
}

const status =
  (code: number, fields?: Record<string, string>): Rudeness =>
  (_, reply) => {
    reply(code, fields);
    return true;
  };

describe('upload, to a rude server', () => {
  it('asks where the server is after 409, and goes on there without a wait, also further back', async () => {
    server.rude = onceTo('PATCH', 3, (_, reply, held) => {
      held!.bytes = held!.bytes.subarray(0, 1000);
      reply(409);
      return true;
    });
    const { error, bytes, types, methods } = await run();
    expect(error).toBeUndefined();
    expect(bytes!.equals(FILE)).toBe(true);
    expect(types).toEqual(['connecting', 'open', 'lost', 'connecting', 'open']);
    expect(methods.slice(4, 7)).toEqual(['PATCH', 'HEAD', 'PATCH']);
  });

  it('waits when the server says 409 again at the same place, and gives up in the end', async () => {
    server.rude = (seen, reply) => seen.method === 'PATCH' && status(409)(seen, reply, undefined);
    const { error, types } = await run();
    expect(error).toMatchObject({ kind: 'status', status: 409 });
    expect(types.filter((type) => type === 'waiting').length).toBe(7);
  });

  it('goes on with what it keeps of a stream, and says so when that is not enough', async () => {
    const goBack = (bytes: number): Rudeness =>
      onceTo('PATCH', 3, (seen, reply, held) => {
        held!.bytes = held!.bytes.subarray(0, bytes);
        return status(409)(seen, reply, held);
      });
    server.rude = goBack(6000);
    expect((await run(once(FILE))).bytes!.equals(FILE)).toBe(true);
    server.rude = goBack(1000);
    const { error } = await run(once(FILE));
    expect(error).toMatchObject({ kind: 'config', message: expect.stringContaining('(offset) => stream') });
  });

  it('asks again what the server can do, when that question has failed', async () => {
    server.rude = onceTo('OPTIONS', 1, status(503));
    const { error, bytes, methods } = await run();
    expect(error).toBeUndefined();
    expect(bytes!.equals(FILE)).toBe(true);
    expect(methods.slice(0, 3)).toEqual(['OPTIONS', 'OPTIONS', 'POST']);
  });

  it('has the bytes that have arrived as the cursor of its events', async () => {
    server.rude = onceTo('PATCH', 2, status(503));
    const told: unknown[] = [];
    await flowOf()
      .events()
      .forEach((event) => {
        if ('cursor' in event) told.push([event.type, event.cursor]);
      });
    expect(told).toEqual([
      ['connecting', 0],
      ['open', 2000],
      ['lost', 4000],
      ['waiting', 4000],
      ['connecting', 4000],
      ['open', 4000],
    ]);
  });

  it('says how long a stream is with its last chunk, and no sooner', async () => {
    const { error, bytes } = await run(once(FILE));
    expect(error).toBeUndefined();
    expect(bytes!.equals(FILE)).toBe(true);
    const sent = server.seen.filter(({ method }) => method === 'POST' || method === 'PATCH');
    const lengths = sent.map(({ headers }) => headers['upload-length']);
    expect(sent[0]!.headers['upload-defer-length']).toBe('1');
    expect(lengths).toEqual([undefined, undefined, undefined, undefined, String(FILE.length)]);
  });

  it('follows a server that takes less than it was sent', async () => {
    server.rude = onceTo('PATCH', 1, ({ body }, reply, held) => {
      held!.bytes = Buffer.concat([held!.bytes, body.subarray(0, 500)]);
      reply(204, { 'upload-offset': held!.bytes.length });
      return true;
    });
    const { bytes, types } = await run(once(FILE), { size: FILE.length });
    expect(bytes!.equals(FILE)).toBe(true);
    expect(types).toEqual(['connecting', 'open']);
  });

  it('does not ask for ever a server that takes nothing', async () => {
    server.rude = (seen, reply, held) => {
      if (seen.method !== 'PATCH') return false;
      reply(204, { 'upload-offset': held!.bytes.length });
      return true;
    };
    const { error } = await run(FILE, { reconnect: { baseMs: 1, attempts: 3 } });
    expect(error).toMatchObject({ kind: 'protocol', message: expect.stringContaining('took none') });
  });

  it.each([423, 429, 503])('tries the same upload again after %i', async (code) => {
    server.rude = onceTo('PATCH', 2, status(code));
    const { error, bytes, methods, types } = await run();
    expect(error).toBeUndefined();
    expect(bytes!.equals(FILE)).toBe(true);
    expect(methods.filter((method) => method === 'POST')).toHaveLength(1);
    expect(types).toContain('waiting');
  });

  it.each([404, 410])('creates a new upload after %i, and tells of the gap', async (code) => {
    server.rude = onceTo('PATCH', 3, status(code));
    const { bytes, types, methods } = await run();
    expect(bytes!.equals(FILE)).toBe(true);
    expect(types).toEqual(['connecting', 'open', 'lost', 'waiting', 'connecting', 'open', 'gap']);
    expect(methods.filter((method) => method === 'POST')).toHaveLength(2);
  });

  it('does not create uploads for ever', async () => {
    server.rude = (seen, reply) => seen.method === 'PATCH' && status(404)(seen, reply, undefined);
    const { error, methods } = await run();
    expect(error).toMatchObject({ kind: 'status', status: 404 });
    expect(methods.filter((method) => method === 'POST')).toHaveLength(4);
  });

  it('says what to do when a stream would have to begin anew', async () => {
    server.rude = onceTo('PATCH', 3, status(410));
    const { error } = await run(once(FILE));
    expect(error).toMatchObject({ kind: 'config', message: expect.stringContaining('cannot begin anew') });
  });

  it.each([401, 403])('keeps what has arrived when the server says %i, and goes on later', async (code) => {
    server.rude = onceTo('HEAD', 1, status(code));
    const flow = flowOf();
    await new Promise<void>((resolve) => {
      const subscription = flow.events().subscribe((event) => {
        if (event.type !== 'upload' || event.loaded < 5000) return;
        subscription.unsubscribe();
        resolve();
      });
    });
    await expect(firstValueFrom(flow)).rejects.toMatchObject({ status: code });
    const { url } = await firstValueFrom(flow);
    expect(server.uploads.get(new URL(url).pathname)!.bytes.equals(FILE)).toBe(true);
    expect(server.uploads.size).toBe(1);
  });

  it.each([
    [412, { 'tus-version': '0.2.2' }, 'but 0.2.2'],
    [413, { 'tus-max-size': '5000' }, 'Tus-Max-Size: 5000'],
    [415, {}, 'content type'],
  ])('explains %i', async (code, fields, text) => {
    server.rude = onceTo('PATCH', 1, status(code, fields));
    const { error } = await run();
    expect(error).toMatchObject({ kind: 'status', status: code, message: expect.stringContaining(text) });
  });

  it('has chunks checked, and sends one again that came damaged', async () => {
    server.rude = onceTo('PATCH', 2, status(460));
    const { bytes, methods } = await run(new Blob([FILE]), { checksum: 'sha256' });
    expect(bytes!.equals(FILE)).toBe(true);
    expect(methods.filter((method) => method === 'PATCH')).toHaveLength(5);
    const sums = server.seen
      .filter(({ method }) => method === 'PATCH')
      .map(({ headers }) => headers['upload-checksum']);
    expect(sums.every((sum) => /^sha256 [\w+/]{43}=$/.test(String(sum)))).toBe(true);
  });

  it('refuses a checksum and an unknown size that the server does not know', async () => {
    expect((await run(FILE, { checksum: 'sha512' })).error).toMatchObject({ field: 'upload.checksum' });
    server.extensions = 'creation';
    expect((await run(once(FILE))).error).toMatchObject({ field: 'upload.size' });
    expect((await run(once(FILE), { size: FILE.length })).bytes!.equals(FILE)).toBe(true);
  });

  it('refuses a source whose size is another one than was said', async () => {
    for (const size of [FILE.length - 1, FILE.length + 1]) {
      expect((await run(once(FILE), { size })).error).toMatchObject({ field: 'upload.source' });
    }
  });

  it.each([
    ['no Location', 'POST', { 'upload-offset': '0' }, 'Location'],
    ['no offset', 'PATCH', {}, 'Upload-Offset'],
    ['a bad offset', 'PATCH', { 'upload-offset': '-4' }, 'not a number'],
    ['more than was sent', 'PATCH', { 'upload-offset': '9999' }, '9999 bytes'],
  ])('refuses an answer with %s', async (_, method, fields, text) => {
    server.rude = onceTo(method, 1, status(method === 'POST' ? 201 : 204, fields));
    expect((await run()).error).toMatchObject({ kind: 'protocol', message: expect.stringContaining(text) });
  });

  it('sends no fields of this client to an upload on another origin', async () => {
    const other = await startRudeTus();
    other.uploads.set('/files/9', { bytes: Buffer.alloc(0), length: FILE.length, isPartial: false });
    server.rude = onceTo('POST', 1, status(201, { location: `${other.origin}/files/9`, 'upload-offset': '0' }));
    await run();
    expect(other.uploads.get('/files/9')!.bytes.equals(FILE)).toBe(true);
    expect(server.seen.every(({ headers }) => headers['x-mine'] === '1')).toBe(true);
    expect(other.seen.every(({ headers }) => headers['x-mine'] === undefined)).toBe(true);
    await other.close();
  });
});
