import { firstValueFrom } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { json } from '../../lib/codec/json.js';
import { createApi } from '../../lib/http/api.js';
import { upload } from '../../lib/stream/upload.js';
import type { UploadOptions } from '../../lib/stream/upload-settings.js';
import type { UploadSource } from '../../lib/stream/upload-source.js';
import { memoryUploadStore } from '../../lib/stream/upload-store.js';
import { fetchTransport } from '../../lib/transport/fetch.js';
import { leastMs } from '../support/least.js';
import { type RudeTus, startRudeTus } from './rude-tus.js';

const FILE = Uint8Array.from({ length: 10_000 }, (_, i) => (i * i) % 251);

let server: RudeTus;
beforeEach(async () => {
  server = await startRudeTus();
});
afterEach(() => server.close());

const flowOf = (source: UploadSource, options: UploadOptions = {}) => {
  const api = createApi({ baseUrl: server.origin });
  return upload(api, '/files', source, { chunkBytes: 1000, reconnect: { baseMs: 1, attempts: 4 }, ...options });
};
const heldAt = (url: string): Buffer => server.uploads.get(new URL(url).pathname)!.bytes;
const count = (method: string): number => server.seen.filter((seen) => seen.method === method).length;

async function* once(bytes: Uint8Array) {
  yield bytes;
}

describe('upload, in parallel parts', () => {
  it('has the server put them together', async () => {
    const loaded: number[] = [];
    const flow = flowOf(FILE, { parallel: 3, metadata: { filename: 'a' } });
    let url = '';
    await flow.events().forEach((event) => {
      if (event.type === 'upload') loaded.push(event.loaded);
      if (event.type === 'value') ({ url } = event.value);
    });
    expect(heldAt(url).equals(FILE)).toBe(true);
    expect(loaded.at(-1)).toBe(FILE.length);
    const creations = server.seen.filter(({ method }) => method === 'POST').map(({ headers }) => headers);
    expect(creations.map((headers) => String(headers['upload-concat']).slice(0, 7))).toEqual([
      'partial',
      'partial',
      'partial',
      'final;h',
    ]);
    expect(creations.map((headers) => headers['upload-metadata'])).toEqual([
      undefined,
      undefined,
      undefined,
      'filename YQ==',
    ]);
  });

  it('goes on with the parts that are there', async () => {
    const store = memoryUploadStore();
    const options = { parallel: 3, store, fingerprint: 'x' };
    let patches = 0;
    server.rude = ({ method }, reply) => {
      if (method !== 'PATCH' || ++patches < 5) return false;
      reply(403);
      return true;
    };
    await expect(firstValueFrom(flowOf(FILE, options))).rejects.toMatchObject({ status: 403 });
    server.rude = () => false;
    const { url, bytes } = await firstValueFrom(flowOf(FILE, options));
    expect(heldAt(url).equals(FILE)).toBe(true);
    expect(bytes).toBe(FILE.length);
    expect(count('POST')).toBe(4);
    expect(count('HEAD')).toBe(3);
  });

  it.each([
    ['the server does not know how', FILE, 'creation'],
    ['the source can be read only once', once(FILE), 'creation,concatenation'],
  ])('sends one part where %s', async (_, source, extensions) => {
    server.extensions = extensions;
    const { url } = await firstValueFrom(flowOf(source, { parallel: 3, size: FILE.length }));
    expect(heldAt(url).equals(FILE)).toBe(true);
    expect(count('POST')).toBe(1);
  });
});

describe('upload, left', () => {
  it('closes the socket within 50 ms, with a chunk under way', async () => {
    server.rude = ({ method }) => method === 'PATCH';
    const closed = () =>
      new Promise<number>((resolve) => {
        const subscription = flowOf(FILE)
          .events()
          .subscribe((event) => {
            if (event.type !== 'upload' || event.loaded < 1500) return;
            const leftAt = performance.now();
            server.onClose = () => resolve(performance.now() - leftAt);
            setImmediate(() => subscription.unsubscribe());
          });
      });
    expect(await leastMs(50, closed)).toBeLessThan(50);
  });

  it('sends nothing before it is subscribed to, and refuses a second subscription at once', async () => {
    const flow = flowOf(FILE);
    expect(server.seen).toHaveLength(0);
    const subscription = flow.subscribe();
    await expect(firstValueFrom(flow)).rejects.toMatchObject({ kind: 'config', field: 'upload' });
    subscription.unsubscribe();
    expect((await firstValueFrom(flow)).bytes).toBe(FILE.length);
  });

  it('passes an error of the source on as the same object', async () => {
    const lost = new Error('disk');
    const source = () =>
      (async function* () {
        yield FILE.subarray(0, 3000);
        throw lost;
      })();
    await expect(firstValueFrom(flowOf(source))).rejects.toBe(lost);
  });

  it('lets go of a stream', async () => {
    let left = false;
    const source = () =>
      (async function* () {
        try {
          for (;;) yield FILE;
        } finally {
          left = true;
        }
      })();
    await new Promise<void>((resolve) => {
      const subscription = flowOf(source)
        .events()
        .subscribe((event) => {
          if (event.type !== 'open') return;
          subscription.unsubscribe();
          resolve();
        });
    });
    await new Promise((resolve) => void setImmediate(resolve));
    expect(left).toBe(true);
  });
});

describe('upload, in one request', () => {
  beforeEach(() => {
    let failed = false;
    server.answer = ({ method, body, headers }, response) => {
      response.statusCode = failed ? 200 : 503;
      failed = true;
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify({ method, type: headers['content-type'], bytes: body.length, text: body.toString('latin1') }),
      );
    };
  });

  it.each([
    ['bytes', FILE],
    ['a Blob', new Blob([FILE])],
    ['a stream', () => once(FILE)],
  ])('puts %s, and puts it again after a failure', async (_, source) => {
    const { bytes, response } = await firstValueFrom(flowOf(source, { protocol: 'put', as: json() }));
    expect(response.body).toMatchObject({ method: 'PUT', bytes: FILE.length });
    expect(bytes).toBe(FILE.length);
    expect(server.seen).toHaveLength(2);
  });

  it.each([
    ['bytes', new Uint8Array(500_000)],
    ['a Blob', new Blob([new Uint8Array(500_000)])],
  ])('tells of %s piece by piece, so that a slow network is not taken for a silent one', async (_, source) => {
    const loaded: number[] = [];
    await flowOf(source, { protocol: 'put' })
      .events()
      .forEach((event) => void (event.type === 'upload' && loaded.push(event.loaded)));

    expect(loaded.length).toBeGreaterThan(7);
    expect(loaded.at(-1)).toBe(500_000);
  });

  it('counts a stream also where the transport tells no progress', async () => {
    const api = createApi({ baseUrl: server.origin, transport: fetchTransport() });
    const events: string[] = [];
    await upload(api, '/files', () => once(FILE), { protocol: 'put', reconnect: { baseMs: 1 } })
      .events()
      .forEach((event) => {
        events.push(event.type);
        if (event.type === 'value') expect(event.value.bytes).toBe(FILE.length);
      });
    expect(events.slice(-3)).toEqual(['connecting', 'open', 'value']);
  });

  it('does not put twice what can be read only once', async () => {
    await expect(firstValueFrom(flowOf(once(FILE), { protocol: 'put' }))).rejects.toMatchObject({ status: 503 });
    expect(server.seen).toHaveLength(1);
  });

  it('posts a form, once', async () => {
    const options: UploadOptions = { protocol: 'multipart', metadata: { album: '7', filename: 'a.txt' }, as: json() };
    const flow = flowOf(new Blob(['hello'], { type: 'text/plain' }), options);
    await expect(firstValueFrom(flow)).rejects.toMatchObject({ status: 503 });
    expect(server.seen).toHaveLength(1);
    const { response } = await firstValueFrom(flow);
    const { type, text } = response.body as { type: string; text: string };
    expect(type).toContain('multipart/form-data; boundary=');
    expect(text).toMatch(/name="album"\r\n\r\n7\r\n/);
    expect(text).toMatch(/name="file"; filename="a.txt"\r\ncontent-type: text\/plain\r\n\r\nhello\r\n/i);
  });

  it('refuses to send a stream as a form', async () => {
    await expect(firstValueFrom(flowOf(once(FILE), { protocol: 'multipart' }))).rejects.toMatchObject({
      field: 'upload.source',
    });
  });
});

describe('upload, with options that cannot be', () => {
  it.each([
    [{ protocol: 'ftp' }, 'upload.protocol'],
    [{ checksum: 'md5' }, 'upload.checksum'],
    [{ checksum: 'sha1', protocol: 'put' }, 'upload.checksum'],
    [{ metadata: { 'a b': '' } }, 'upload.metadata'],
    [{ metadata: { a: 1 } }, 'upload.metadata.a'],
    [{ metadata: { a: 'b' }, protocol: 'put' }, 'upload.metadata'],
    [{ chunkBytes: 0 }, 'upload.chunkBytes'],
    [{ size: -1 }, 'upload.size'],
    [{ parallel: 0 }, 'upload.parallel'],
    [{ store: {} }, 'upload.store'],
    [{ store: memoryUploadStore() }, 'upload.fingerprint'],
    [{ resume: true }, 'upload.resume'],
  ])('refuses %j', (options, field) => {
    expect(() => flowOf(FILE, options as UploadOptions)).toThrow(field);
  });

  it('refuses a source that is none', async () => {
    await expect(firstValueFrom(flowOf(7 as never))).rejects.toMatchObject({ field: 'upload.source' });
  });
});
