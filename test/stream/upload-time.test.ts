import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { HeadersView } from '../../lib/core/wire.js';
import { createApi } from '../../lib/http/api.js';
import { upload } from '../../lib/stream/upload.js';
import { expiryOf } from '../../lib/stream/upload-dialect.js';
import type { UploadOptions } from '../../lib/stream/upload-settings.js';
import { HandClock } from '../http/hand-clock.js';
import { type RudeTus, startRudeTus } from './rude-tus.js';

const FILE = Uint8Array.from({ length: 10_000 }, (_, i) => (i * i) % 251);

let server: RudeTus;
beforeEach(async () => {
  server = await startRudeTus();
});
afterEach(() => server.close());

/** An upload on a clock that the test moves. */
function start(options: UploadOptions = {}) {
  const clock = new HandClock();
  const api = createApi({ baseUrl: server.origin, clock, random: () => 0.5, timeouts: false });
  const flow = upload(api, '/files', FILE, { chunkBytes: 2000, ...options });
  const seen: unknown[] = [];
  let wake = (): void => undefined;
  const see = (what: unknown): void => {
    seen.push(what);
    wake();
  };
  const subscribe = () =>
    flow.events().subscribe({
      next: (event) => {
        if (event.type === 'waiting') see({ type: event.type, delayMs: event.delayMs });
        else if (event.type !== 'upload') see(event.type);
      },
      error: see,
    });
  const until = async (count: number): Promise<unknown> => {
    while (seen.length < count) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    return seen[count - 1];
  };
  return { clock, until, seen, subscribe };
}

describe('when an upload expires', () => {
  const nowMs = Date.UTC(2026, 0, 1, 12);
  const at = (hours: number) => new Date(nowMs + hours * 3_600_000).toUTCString();
  const expiry = (fields: Record<string, string>) => expiryOf(new Headers(fields) as HeadersView, nowMs);

  it('is counted from the server, whatever our clock says', () => {
    expect(expiry({ 'upload-expires': at(-9), date: at(-10) })).toBe(nowMs + 3_600_000);
    expect(expiry({ 'upload-expires': at(9), date: at(10) })).toBe(nowMs - 3_600_000);
  });

  it('is believed without a Date, unless it has passed already', () => {
    expect(expiry({ 'upload-expires': at(1) })).toBe(nowMs + 3_600_000);
    expect(expiry({ 'upload-expires': at(-1) })).toBeUndefined();
  });

  it('is not known from what is no date', () => {
    expect(expiry({})).toBeUndefined();
    expect(expiry({ 'upload-expires': 'soon' })).toBeUndefined();
  });
});

describe('upload, in time', () => {
  it('obeys Retry-After', async () => {
    server.rude = (_, reply) => {
      reply(429, { 'retry-after': '20' });
      return true;
    };
    const { until, subscribe } = start();
    subscribe();
    expect(await until(2)).toEqual({ type: 'waiting', delayMs: 21_000 });
  });

  it('waits longer each time, and passes the last error on', async () => {
    server.rude = ({ method }, reply) => {
      if (method === 'PATCH') reply(503);
      return method === 'PATCH';
    };
    const { until, clock, subscribe } = start({ reconnect: { attempts: 3 } });
    subscribe();
    expect(await until(4)).toEqual({ type: 'waiting', delayMs: 250 });
    clock.advance(250);
    expect(await until(8)).toEqual({ type: 'waiting', delayMs: 500 });
    clock.advance(500);
    expect(await until(12)).toMatchObject({ kind: 'status', status: 503 });
    expect(clock.pending).toBe(0);
  });

  it('cuts the wait when it is left', async () => {
    server.rude = (_, reply) => {
      reply(503);
      return true;
    };
    const { until, clock, subscribe } = start();
    const subscription = subscribe();
    await until(2);
    expect(clock.pending).toBe(1);
    subscription.unsubscribe();
    expect(clock.pending).toBe(0);
  });

  it('creates a new upload when the old one has expired while it was paused', async () => {
    const { until, clock, seen, subscribe } = start();
    // By the server's clock, which is a year ahead: what counts is the minute in between.
    const ahead = clock.now() + 365 * 86_400_000;
    const dates = { date: new Date(ahead).toUTCString(), 'upload-expires': new Date(ahead + 60_000).toUTCString() };
    server.fields = dates;
    const first = subscribe();
    await until(2);
    first.unsubscribe();
    clock.advance(59_000);
    const second = subscribe();
    await until(4);
    second.unsubscribe();
    expect(server.seen.at(-1)!.method).not.toBe('POST');
    clock.advance(61_000);
    server.fields = {};
    seen.length = server.seen.length = 0;
    subscribe();
    expect(await until(2)).toMatchObject({ type: 'waiting' });
    clock.advance(1000);
    expect(await until(6)).toBe('value');
    expect(seen.slice(2)).toEqual(['connecting', 'open', 'gap', 'value']);
    expect(server.seen.map(({ method }) => method)).not.toContain('HEAD');
  });

  it('goes by the newest Upload-Expires, which may move with each chunk', async () => {
    const { clock, until, subscribe } = start();
    const inAMinute = () => ({
      date: new Date(clock.now()).toUTCString(),
      'upload-expires': new Date(clock.now() + 60_000).toUTCString(),
    });
    server.fields = inAMinute();
    server.rude = ({ method }) => {
      if (method === 'PATCH') clock.advance(40_000);
      server.fields = inAMinute();
      return false;
    };
    subscribe();
    expect(await until(3)).toBe('value');
    expect(server.seen.map(({ method }) => method)).toEqual(['OPTIONS', 'POST', ...Array(4).fill('PATCH')]);
  });

  it('looks at the time before each chunk', async () => {
    const { clock, until, seen, subscribe } = start();
    const at = (ms: number) => new Date(clock.now() + ms).toUTCString();
    server.fields = { date: at(0), 'upload-expires': at(60_000) };
    let chunks = 0;
    server.rude = ({ method }) => {
      if (method === 'PATCH' && ++chunks === 2) clock.advance(60_000);
      if (chunks >= 2) server.fields = {};
      return false;
    };
    subscribe();
    await until(4);
    expect(seen).toMatchObject(['connecting', 'open', 'lost', { type: 'waiting' }]);
    expect(chunks).toBe(2);
    clock.advance(1000);
    await until(8);
    expect(seen.at(-1)).toBe('value');
  });
});
