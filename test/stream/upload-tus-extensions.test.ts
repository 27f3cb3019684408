import { setImmediate as nextTurn } from 'node:timers/promises';

import { firstValueFrom } from 'rxjs';
import { afterEach, describe, expect, it } from 'vitest';

import { json } from '../../lib/codec/json.js';
import { createApi } from '../../lib/http/api.js';
import { memoryUploadStore } from '../../lib/stream/upload-store.js';
import { upload } from '../../lib/stream/upload.js';
import type { UploadOptions } from '../../lib/stream/upload-settings.js';
import type { UploadSource } from '../../lib/stream/upload-source.js';
import { cutBehind } from '../support/cut-behind.js';
import { startTusPeer, type TusOptions, type TusPeer } from '../support/tus-peer.js';
import { HandClock } from '../http/hand-clock.js';

// Checksums and concatenation are nowhere to be had in @tus/server: upload-rude and upload-ways try them on rude-tus.ts.
const OFFERED = ['creation', 'creation-with-upload', 'creation-defer-length', 'termination', 'expiration'];

const FILE = Uint8Array.from({ length: 1_000_000 }, (_, i) => (i * i) % 251);
const HOUR = 3_600_000;

let peer: TusPeer;
afterEach(() => peer.close());

async function start(options: TusOptions = {}) {
  peer = await startTusPeer(options);
  const clock = new HandClock();
  const api = createApi({ baseUrl: peer.origin, clock, timeouts: false });
  const flowOf = (source: UploadSource, own: UploadOptions = {}) =>
    upload(api, '/files', source, { chunkBytes: 200_000, reconnect: { baseMs: 0 }, ...own });
  /** Starts an upload, and leaves it when so many bytes have arrived. */
  const leaveAt = async (flow: ReturnType<typeof flowOf>, bytes: number) => {
    await new Promise<void>((resolve) => {
      const subscription = flow.events().subscribe((event) => {
        if (event.type !== 'upload' || event.loaded < bytes) return;
        subscription.unsubscribe();
        resolve();
      });
    });
    peer.seen.length = 0;
  };
  /** What an upload says, the bytes that left aside. */
  const finish = async (flow: ReturnType<typeof flowOf>) => {
    const types: string[] = [];
    let url = '';
    await flow.events().forEach((event) => {
      if (event.type !== 'upload') types.push(event.type);
      if (event.type === 'waiting') void nextTurn().then(() => clock.advance(event.delayMs));
      if (event.type === 'value') ({ url } = event.value);
    });
    return { url, types };
  };
  return { clock, flowOf, leaveAt, finish };
}

async function* pieces(bytes: Uint8Array, pieceBytes = 70_000) {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

const methods = () => peer.seen.map((line) => line.split(' ')[0]);

/** The value of a field in each request of a method. */
function fieldOf(method: string, name: string): (string | undefined)[] {
  const values: (string | undefined)[] = [];
  peer.meet = (request) => {
    if (request.method === method) values.push(request.headers[name] as string | undefined);
    return false;
  };
  return values;
}

describe('@tus/server', () => {
  it('offers these extensions, each of which is tried here', async () => {
    await start();
    const { headers } = await fetch(`${peer.origin}/files`, { method: 'OPTIONS' });

    expect(headers.get('tus-extension')!.split(',').toSorted()).toEqual(OFFERED.toSorted());
    expect(headers.get('tus-checksum-algorithm')).toBeNull();
  });
});

describe('upload, with what @tus/server offers', () => {
  it('sends a file of one chunk with its creation', async () => {
    const { flowOf } = await start();
    const { url, response } = await firstValueFrom(flowOf(FILE, { chunkBytes: FILE.length }));

    expect((await peer.file(url)).equals(FILE)).toBe(true);
    expect(response.status).toBe(201);
    expect(methods()).toEqual(['OPTIONS', 'POST']);
  });

  it.each([
    ['pieces that fill no chunk', 70_000],
    ['pieces that end with a chunk', 200_000],
  ])('tells the length of a stream with its last chunk: %s', async (_, pieceBytes) => {
    const { flowOf } = await start();
    const deferred = fieldOf('POST', 'upload-defer-length');
    const { url } = await firstValueFrom(flowOf(pieces(FILE, pieceBytes)));

    expect((await peer.file(url)).equals(FILE)).toBe(true);
    expect(deferred).toEqual(['1']);
  });

  it('goes on with an upload of unknown length, and then tells the length', async () => {
    const { flowOf, finish } = await start();
    const lengths = fieldOf('PATCH', 'upload-length');
    const count = peer.meet;
    peer.meet = (request, response) => {
      if (request.method === 'PATCH' && lengths.length === 1) cutBehind(request, 50_000);
      return count(request, response);
    };
    const { url, types } = await finish(flowOf(pieces(FILE)));

    expect((await peer.file(url)).equals(FILE)).toBe(true);
    expect(types).toContain('lost');
    expect(methods()).toContain('HEAD');
    expect(lengths.filter((length) => length !== undefined)).toEqual([String(FILE.length)]);
    expect(lengths.at(-1)).toBe(String(FILE.length));
  });

  it('fails when a stream turns out to be larger than the server takes', async () => {
    const { flowOf } = await start({ maxSize: 500_000 });

    await expect(firstValueFrom(flowOf(pieces(FILE)))).rejects.toMatchObject({ kind: 'status', status: 413 });
  });

  it('begins anew without a question when Upload-Expires has passed', async () => {
    const { clock, flowOf, leaveAt, finish } = await start({ expiresMs: HOUR });
    const store = memoryUploadStore();
    const flow = flowOf(FILE, { store, fingerprint: 'film' });
    await leaveAt(flow, 450_000);
    const { expiresMs } = (await store.get('film'))!.parts[0]!;
    // The server's field has whole seconds.
    expect(Math.abs(expiresMs! - clock.now() - HOUR)).toBeLessThanOrEqual(1000);
    clock.advance(HOUR + 1000);
    const { url, types } = await finish(flow);

    expect((await peer.file(url)).equals(FILE)).toBe(true);
    expect(types).toContain('gap');
    expect(methods()).not.toContain('HEAD');
    expect(methods()).toContain('POST');
  });

  it.each([
    ['says that it has expired', 0],
    ['has cleaned it up', 1],
  ])('begins anew when the server %s', async (_, cleaned) => {
    const { flowOf, leaveAt, finish } = await start({ expiresMs: HOUR });
    const store = memoryUploadStore();
    const flow = flowOf(FILE, { store, fingerprint: 'film' });
    await leaveAt(flow, 450_000);
    const old = (await store.get('film'))!.parts[0]!.url;
    await peer.age(old, 2 * HOUR);
    if (cleaned) expect(await peer.cleanUp()).toBe(cleaned);
    const { url, types } = await finish(flow);

    expect(url).not.toBe(old);
    expect((await peer.file(url)).equals(FILE)).toBe(true);
    expect(types).toContain('gap');
    // The chunk that was left may still be under way.
    expect(methods().filter((method) => method !== 'PATCH')).toEqual(['HEAD', 'OPTIONS', 'POST']);
  });

  it('gives what the server says to the last byte', async () => {
    const headers = { 'content-type': 'application/json' };
    const { flowOf } = await start({ finish: { status: 200, headers, body: '{"film":7}' } });
    const { response } = await firstValueFrom(flowOf(FILE, { as: json() }));

    expect(response).toMatchObject({ status: 200, body: { film: 7 } });
  });

  it('sends one part, and no checksum, since it can have neither more nor that', async () => {
    const { flowOf } = await start();
    const { url } = await firstValueFrom(flowOf(FILE, { parallel: 3 }));

    expect((await peer.file(url)).equals(FILE)).toBe(true);
    expect(methods().filter((method) => method === 'POST')).toHaveLength(1);
    await expect(firstValueFrom(flowOf(FILE, { checksum: 'sha1' }))).rejects.toMatchObject({
      field: 'upload.checksum',
      message: expect.stringContaining('none'),
    });
  });
});
