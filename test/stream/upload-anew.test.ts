import { firstValueFrom } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createApi } from '../../lib/http/api.js';
import { upload } from '../../lib/stream/upload.js';
import { memoryUploadStore } from '../../lib/stream/upload-store.js';
import { fakeTransport } from '../../lib/testing/fake-transport.js';
import { type RudeTus, startRudeTus } from './rude-tus.js';

const FILE = Uint8Array.from({ length: 5000 }, (_, i) => i % 251);

let server: RudeTus;
beforeEach(async () => {
  server = await startRudeTus();
});
afterEach(() => server.close());
const apiOf = () => createApi({ baseUrl: server.origin });

describe('the requests of an upload', () => {
  it('have the URL, the query and the fields of their moment', async () => {
    let count = 0;
    let paths = 0;
    const path = () => Promise.resolve(`/files?creation=${++paths}`);
    const headers = () => ({ 'x-count': ++count });
    await firstValueFrom(upload(apiOf(), path, FILE, { chunkBytes: 2500, headers, query: () => ({ at: count }) }));
    expect(server.seen.map(({ method, url, headers: fields }) => [method, url, fields['x-count']])).toEqual([
      ['OPTIONS', '/files?creation=1&at=0', '1'],
      ['POST', '/files?creation=2&at=1', '2'],
      ['PATCH', expect.not.stringContaining('?'), '3'],
    ]);
  });

  it('are not made when a function fails: what it throws or rejects with is the error, the same object', async () => {
    const lost = new Error('no token');
    const thrown = () => {
      throw lost;
    };
    for (const headers of [thrown, () => Promise.reject(lost)]) {
      await expect(firstValueFrom(upload(apiOf(), '/files', FILE, { headers }))).rejects.toBe(lost);
    }
    await expect(firstValueFrom(upload(apiOf(), () => Promise.reject(lost), FILE))).rejects.toBe(lost);
    expect(server.seen).toEqual([]);
  });

  it('are not made when the upload is left while a function is waited for', async () => {
    let give: (fields: object) => void = () => undefined;
    const headers = () => new Promise<Record<string, string>>((resolve) => void (give = resolve as never));
    const leaving = upload(apiOf(), '/files', FILE, { headers }).subscribe();
    await new Promise((resolve) => void setTimeout(resolve, 10));
    leaving.unsubscribe();
    give({});
    await new Promise((resolve) => void setTimeout(resolve, 20));
    expect(server.seen).toEqual([]);
  });

  it('are answered by the server itself, by no cache', async () => {
    const fake = fakeTransport();
    const api = createApi({ baseUrl: 'https://a.test', transport: fake });
    fake.expect({ method: 'HEAD' }).answer(200, undefined, { 'upload-offset': 5000, 'upload-length': 5000 });
    const store = memoryUploadStore();
    void store.set('x', { size: 5000, parts: [{ url: 'https://a.test/files/1' }] });
    await firstValueFrom(upload(api, '/files', FILE, { store, fingerprint: 'x' }));
    expect(fake.last.request?.cache).toBe('no-store');
  });

  it('need a fingerprint with a store where the path is a function', () => {
    const file = new File([FILE], 'film.mp4');
    const store = memoryUploadStore();
    expect(() => upload(apiOf(), '/files', file, { store })).not.toThrow();
    expect(() => upload(apiOf(), () => '/files', file, { store })).toThrowError(
      expect.objectContaining({ field: 'upload.fingerprint' }),
    );
  });
});
