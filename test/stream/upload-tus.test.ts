import { open, writeFile } from 'node:fs/promises';
import { createReadStream } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { firstValueFrom, lastValueFrom } from 'rxjs';
import { afterEach, describe, expect, it } from 'vitest';

import { createApi } from '../../lib/http/api.js';
import { upload } from '../../lib/stream/upload.js';
import { memoryUploadStore } from '../../lib/stream/upload-store.js';
import { cutBehind } from '../support/cut-behind.js';
import { startTusPeer, type TusPeer } from '../support/tus-peer.js';

const FILE = Uint8Array.from({ length: 1_000_000 }, (_, i) => (i * i) % 251);
const chunkBytes = 200_000;

let peer: TusPeer;
afterEach(() => peer.close());

async function start(options: Parameters<typeof startTusPeer>[0] = {}) {
  peer = await startTusPeer(options);
  return createApi({ baseUrl: peer.origin });
}

const methods = () => peer.seen.map((line) => line.split(' ')[0]);

/** A generator, which can be read only once. */
async function* once(bytes: Uint8Array, pieceBytes = 70_000) {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

describe('upload, to @tus/server', () => {
  it('sends bytes in chunks, the first one with the creation', async () => {
    const api = await start();
    const metadata = { filename: 'größe.bin', empty: '' };
    const { url, bytes, response } = await firstValueFrom(upload(api, '/files', FILE, { chunkBytes, metadata }));
    expect(bytes).toBe(FILE.length);
    expect(response.status).toBe(204);
    expect(await peer.file(url)).toEqual(Buffer.from(FILE));
    expect(await peer.metadata(url)).toMatchObject({ filename: 'größe.bin' });
    expect(methods()).toEqual(['OPTIONS', 'POST', 'PATCH', 'PATCH', 'PATCH', 'PATCH']);
  });

  it('sends an empty file', async () => {
    const api = await start();
    const { url, bytes } = await firstValueFrom(upload(api, '/files', new Uint8Array(0)));
    expect(bytes).toBe(0);
    expect(await peer.file(url)).toHaveLength(0);
  });

  it('takes every kind of source', async () => {
    const api = await start();
    const path = join(tmpdir(), `millrace-${process.pid}.bin`);
    await writeFile(path, FILE);
    const handle = await open(path);
    const size = FILE.length;
    const sources = {
      buffer: upload(api, '/files', FILE.buffer, { chunkBytes }),
      blob: upload(api, '/files', new Blob([FILE]), { chunkBytes }),
      handle: upload(api, '/files', handle, { chunkBytes }),
      factory: upload(api, '/files', (at) => createReadStream(path, { start: at }), { chunkBytes, size }),
      web: upload(api, '/files', () => new Blob([FILE]).stream() as never, { chunkBytes }),
      iterable: upload(api, '/files', once(FILE), { chunkBytes }),
      exact: upload(api, '/files', once(FILE, chunkBytes), { chunkBytes }),
    };
    for (const [name, flow] of Object.entries(sources)) {
      const { url } = await firstValueFrom(flow);
      expect((await peer.file(url)).equals(FILE), name).toBe(true);
    }
    await handle.close();
  });

  it('tells how many bytes have left, and how the connection is doing', async () => {
    const api = await start();
    const loaded: number[] = [];
    const types: string[] = [];
    await upload(api, '/files', FILE, { chunkBytes })
      .events()
      .forEach((event) => {
        if (event.type !== 'upload') return void types.push(event.type);
        expect(event.total).toBe(FILE.length);
        loaded.push(event.loaded);
      });
    expect(types).toEqual(['connecting', 'open', 'value']);
    expect(loaded).toEqual(loaded.toSorted((a, b) => a - b));
    expect(loaded.at(-1)).toBe(FILE.length);
    expect(loaded.length).toBeGreaterThan(5);
  });

  it('pauses when it is left, and goes on when it is subscribed to again', async () => {
    const api = await start();
    for (const source of [FILE, once(FILE)]) {
      peer.seen.length = 0;
      const flow = upload(api, '/files', source, { chunkBytes });
      await new Promise<void>((resolve) => {
        const subscription = flow.events().subscribe((event) => {
          if (event.type !== 'upload' || event.loaded < 450_000) return;
          subscription.unsubscribe();
          resolve();
        });
      });
      const { url } = await firstValueFrom(flow);
      expect((await peer.file(url)).equals(FILE)).toBe(true);
      expect(methods().filter((method) => method === 'POST')).toHaveLength(1);
      expect(methods()).toContain('HEAD');
    }
  });

  it('goes on in another process, by the store', async () => {
    const api = await start();
    const store = memoryUploadStore();
    const options = { chunkBytes, store, fingerprint: 'film' };
    peer.meet = (request, response) => {
      if (request.method !== 'PATCH' || peer.seen.filter((line) => line.startsWith('PATCH')).length < 3) return false;
      response.writeHead(401).end();
      return true;
    };
    const first = upload(api, '/files', FILE, options);
    await expect(firstValueFrom(first)).rejects.toMatchObject({ kind: 'status', status: 401 });
    const kept = await store.get('film');
    expect(kept).toMatchObject({ size: FILE.length, parts: [{ url: expect.stringContaining('/files/') }] });
    peer.meet = () => false;
    peer.seen.length = 0;
    const { url } = await firstValueFrom(upload(api, '/files', once(FILE), { ...options, size: FILE.length }));
    expect((await peer.file(url)).equals(FILE)).toBe(true);
    expect(methods()).toEqual(['HEAD', 'PATCH', 'PATCH']);
    expect(await store.get('film')).toBeUndefined();
  });

  it('goes on where the server is, when connections break in the middle of a chunk', async () => {
    const api = await start();
    let cuts = 0;
    peer.meet = (request) => {
      if (request.method === 'PATCH' && cuts++ < 3) cutBehind(request, 100_000);
      return false;
    };
    const types: string[] = [];
    let url = '';
    await upload(api, '/files', FILE, { chunkBytes: 400_000, reconnect: { baseMs: 1, capMs: 5 } })
      .events()
      .forEach((event) => {
        if (event.type !== 'upload') types.push(event.type);
        if (event.type === 'value') url = event.value.url;
      });
    expect((await peer.file(url)).equals(FILE)).toBe(true);
    expect(types.slice(0, 6)).toEqual(['connecting', 'open', 'lost', 'waiting', 'connecting', 'open']);
  });

  it('throws away what the server has', async () => {
    const api = await start();
    const flow = upload(api, '/files', FILE, { chunkBytes });
    await new Promise<void>((resolve) => {
      const subscription = flow.events().subscribe((event) => {
        if (event.type !== 'upload' || event.loaded < 250_000) return;
        subscription.unsubscribe();
        resolve();
      });
    });
    await lastValueFrom(flow.terminate(), { defaultValue: undefined });
    expect(peer.seen.at(-1)).toMatch(/^DELETE \/files\//);
    await lastValueFrom(flow.terminate(), { defaultValue: undefined });
    expect(methods().filter((method) => method === 'DELETE')).toHaveLength(1);
  });

  it('refuses a source that is larger than the server takes', async () => {
    const api = await start({ maxSize: 1000 });
    await expect(firstValueFrom(upload(api, '/files', FILE))).rejects.toMatchObject({
      kind: 'config',
      message: expect.stringContaining('takes 1000 at most'),
    });
    expect(methods()).toEqual(['OPTIONS']);
  });
});
