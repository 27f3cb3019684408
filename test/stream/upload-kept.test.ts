import { firstValueFrom, lastValueFrom } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createApi } from '../../lib/http/api.js';
import { upload } from '../../lib/stream/upload.js';
import { locationOf } from '../../lib/stream/upload-exchange.js';
import type { UploadOptions } from '../../lib/stream/upload-settings.js';
import { memoryUploadStore, type StoredUpload } from '../../lib/stream/upload-store.js';
import { type RudeTus, startRudeTus } from './rude-tus.js';

const FILE = Uint8Array.from({ length: 10_000 }, (_, i) => (i * i) % 251);

let server: RudeTus;
beforeEach(async () => {
  server = await startRudeTus();
});
afterEach(() => server.close());

const flowOf = (options: UploadOptions = {}) => {
  const api = createApi({ baseUrl: server.origin });
  return upload(api, '/files', FILE, { chunkBytes: 1000, reconnect: { baseMs: 1, attempts: 4 }, ...options });
};
const count = (method: string): number => server.seen.filter((seen) => seen.method === method).length;

/** A store that knows one upload, which the server has too. */
function known(stored: Partial<StoredUpload>, length = FILE.length) {
  const store = memoryUploadStore();
  server.uploads.set('/files/kept', { bytes: Buffer.from(FILE.subarray(0, 4000)), length, isPartial: false });
  void store.set('x', { parts: [{ url: `${server.origin}/files/kept` }], ...stored });
  return { store, fingerprint: 'x' };
}

describe('upload, by what the store knows', () => {
  it('goes on with the upload of the same size, and with no other', async () => {
    await firstValueFrom(flowOf(known({ size: FILE.length })));
    expect([count('HEAD'), count('POST'), count('PATCH')]).toEqual([1, 0, 6]);
    server.seen.length = 0;
    await firstValueFrom(flowOf(known({ size: 77 })));
    expect([count('HEAD'), count('POST')]).toEqual([0, 1]);
  });

  it('refuses to fill an upload of the server that has another size', async () => {
    await expect(firstValueFrom(flowOf(known({ size: FILE.length }, 9999)))).rejects.toMatchObject({
      field: 'upload.source',
      message: expect.stringContaining('9999'),
    });
  });

  it('forgets parts of which the server says that they are gone', async () => {
    const store = memoryUploadStore();
    server.rude = ({ headers }, reply) => {
      const isFinal = String(headers['upload-concat']).startsWith('final');
      if (isFinal) reply(410);
      return isFinal;
    };
    const options = { store, fingerprint: 'x', parallel: 2 };
    await expect(firstValueFrom(flowOf(options))).rejects.toMatchObject({ status: 410 });
    expect(await store.get('x')).toBeUndefined();
  });

  it('forgets an upload that is terminated, also where the server has none', async () => {
    const options = known({ size: FILE.length });
    server.uploads.clear();
    await lastValueFrom(flowOf(options).terminate(), { defaultValue: undefined });
    expect(count('DELETE')).toBe(1);
    expect(await options.store.get('x')).toBeUndefined();
    server.rude = (_, reply) => {
      reply(403);
      return true;
    };
    const refused = lastValueFrom(flowOf(known({})).terminate());
    await expect(refused).rejects.toMatchObject({ status: 403 });
  });
});

describe('upload, to servers of other habits', () => {
  it.each([404, 405, 501])('does without OPTIONS where a server says %i', async (status) => {
    server.rude = ({ method }, reply) => {
      if (method === 'OPTIONS') reply(status);
      return method === 'OPTIONS';
    };
    expect((await firstValueFrom(flowOf())).bytes).toBe(FILE.length);
    expect(server.seen[1]!.body).toHaveLength(0);
  });

  it('fails where a server refuses OPTIONS for want of credentials', async () => {
    server.rude = (_, reply) => {
      reply(401);
      return true;
    };
    await expect(firstValueFrom(flowOf())).rejects.toMatchObject({ status: 401 });
    expect(server.seen).toHaveLength(1);
  });

  it('follows a Location with braces', async () => {
    server.rude = ({ method }, reply) => {
      if (method !== 'POST') return false;
      server.uploads.set('/files/k?id=%7B1%7D', { bytes: Buffer.alloc(0), length: FILE.length, isPartial: false });
      reply(201, { location: '/files/k?id={1}' });
      return true;
    };
    await firstValueFrom(flowOf());
    expect(server.uploads.get('/files/k?id=%7B1%7D')!.bytes.equals(FILE)).toBe(true);
  });

  it('refuses a Location that leaves https', () => {
    const info = { status: 201, timings: { startedAt: 0, headMs: 0, totalMs: 0 }, attempts: 1 };
    const at = (url: string, location: string) =>
      locationOf({ ...info, url, headers: new Headers({ location }) as never });
    expect(at('https://a.test/files', '/files/1')).toBe('https://a.test/files/1');
    expect(at('http://a.test/files', 'https://b.test/1')).toBe('https://b.test/1');
    expect(() => at('https://a.test/files', 'http://a.test/1')).toThrow('without https');
  });

  it('breaks off the other parts when one of them fails', async () => {
    let chunks = 0;
    server.rude = ({ method }, reply) => {
      if (method !== 'PATCH') return false;
      if (++chunks === 2) reply(403);
      return true;
    };
    const api = createApi({ baseUrl: server.origin, timeouts: false });
    const flow = upload(api, '/files', FILE, { parallel: 2, chunkBytes: 1000 });
    await expect(firstValueFrom(flow)).rejects.toMatchObject({ status: 403 });
    // Waits for what runs, and the other chunk gets no answer.
    await api.close();
  });
});
