import { afterEach, describe, expect, it } from 'vitest';

import { NetworkError } from '../../lib/core/errors.js';
import { createApi } from '../../lib/http/api.js';
import { download } from '../../lib/stream/download.js';
import type { DownloadOptions } from '../../lib/stream/download-settings.js';
import type { PerExchange } from '../../lib/stream/exchange-options.js';
import type { DownloadCursor } from '../../lib/stream/representation.js';
import { HandClock } from '../http/hand-clock.js';
import { type Answer, type ScriptedServer, startScripted } from './scripted-server.js';

let server: ScriptedServer;
afterEach(() => server.close());

/** Steps of a run on a clock that the test moves. */
async function start(answer: Answer, options: DownloadOptions = {}, path: PerExchange<string> = '/file') {
  server = await startScripted(answer);
  const clock = new HandClock();
  const api = createApi({ baseUrl: server.origin, clock, random: () => 0.5, timeouts: false });
  const flow = download(api, path, options);
  const seen: unknown[] = [];
  let wake = (): void => undefined;
  const subscription = flow.events().subscribe({
    next: (event) => {
      const waiting = event.type === 'waiting' ? { delayMs: event.delayMs } : {};
      if (event.type !== 'value') seen.push({ type: event.type, ...waiting });
      wake();
    },
    error: (error: unknown) => {
      seen.push(error);
      wake();
    },
  });
  /** Waits until this many things have been seen. */
  const until = async (count: number): Promise<unknown> => {
    while (seen.length < count) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    return seen[count - 1];
  };
  return { clock, subscription, until, seen };
}

const status =
  (code: number, fields: Record<string, string> = {}): Answer =>
  (_, response) =>
    void response.writeHead(code, fields).end();

const raise = (error: unknown): never => {
  throw error;
};

describe('download, connecting again', () => {
  it('waits longer each time, with jitter, and then passes the last error on', async () => {
    const { clock, until } = await start(status(503), { reconnect: { attempts: 3 } });
    expect(await until(2)).toEqual({ type: 'waiting', delayMs: 250 });
    clock.advance(250);
    expect(await until(4)).toEqual({ type: 'waiting', delayMs: 500 });
    clock.advance(500);
    expect(await until(6)).toMatchObject({ kind: 'status', status: 503 });
    expect(server.seen).toHaveLength(3);
    expect(clock.pending).toBe(0);
  });

  it('obeys Retry-After', async () => {
    const { until } = await start(status(429, { 'retry-after': '20' }));
    expect(await until(2)).toEqual({ type: 'waiting', delayMs: 21_000 });
  });

  it('does not come back after an answer that stays', async () => {
    const { until } = await start(status(403));
    expect(await until(2)).toMatchObject({ kind: 'status', status: 403 });
  });

  it('does not come back where it must not', async () => {
    const { until } = await start(status(503), { reconnect: false });
    expect(await until(2)).toMatchObject({ kind: 'status', status: 503 });
  });

  it('cuts the wait when it is left', async () => {
    const { clock, until, subscription } = await start(status(503));
    await until(2);
    expect(clock.pending).toBe(1);
    subscription.unsubscribe();
    expect(clock.pending).toBe(0);
  });

  it('asks for its URL, its query and its fields anew for each connection', async () => {
    let count = 0;
    const options = {
      query: () => ({ signature: count }),
      headers: () => Promise.resolve({ 'x-count': count }),
    };
    const { clock, until } = await start(status(503), options, () => `/file/${++count}`);
    await until(2);
    clock.advance(1000);
    await until(4);
    expect(server.seen.map(({ url, headers }) => [url, headers['x-count']])).toEqual([
      ['/file/1?signature=1', '1'],
      ['/file/2?signature=2', '2'],
    ]);
  });

  it('passes on what such a function throws or rejects with, and asks again where that may pass', async () => {
    const lost = new Error('no signature');
    for (const path of [() => Promise.reject(lost), () => raise(lost)]) {
      const { until } = await start(status(200), {}, path);
      expect(await until(2)).toBe(lost);
      expect(server.seen).toHaveLength(0);
      await server.close();
    }
    let tries = 0;
    const flaky = (): Promise<string> =>
      ++tries === 1 ? Promise.reject(new NetworkError('down', 'connect', { transient: true })) : Promise.resolve('/ok');
    const { clock, until } = await start(status(200), {}, flaky);
    expect(await until(2)).toMatchObject({ type: 'waiting' });
    clock.advance(1000);
    expect(await until(4)).toEqual({ type: 'open' });
    expect(server.seen.map(({ url }) => url)).toEqual(['/ok']);
  });

  it('asks for nothing when it is left while such a function is waited for', async () => {
    let give: (path: string) => void = () => undefined;
    const { subscription, seen } = await start(status(200), {}, () => new Promise((resolve) => void (give = resolve)));
    subscription.unsubscribe();
    give('/late');
    await new Promise((resolve) => void setTimeout(resolve, 20));
    expect([server.seen, seen]).toEqual([[], [{ type: 'connecting' }]]);
  });
});

describe('download, with a budget', () => {
  /** A budget that counts. */
  const counting = () => {
    const seen: string[] = [];
    const take = (): boolean => {
      seen.push('take');
      return true;
    };
    return {
      seen,
      budget: { take, refund: () => void seen.push('refund'), earn: () => void seen.push('earn') } as never,
    };
  };

  it('has the attempt refunded when bytes come', async () => {
    const { seen, budget } = counting();
    const { clock, until } = await start(
      (_, response, count) => void response.writeHead(count === 1 ? 503 : 200).end('bytes'),
      { reconnect: { budget } },
    );
    await until(2);
    clock.advance(1000);
    expect(await until(5)).toEqual({ type: 'download' });
    expect(seen).toEqual(['take', 'refund']);
  });

  it('earns with the first bytes of a first connection, as calls do', async () => {
    const { seen, budget } = counting();
    const { until } = await start((_, response) => void response.writeHead(200).end('bytes'), {
      reconnect: { budget },
    });
    expect(await until(3)).toEqual({ type: 'download' });
    expect(seen).toEqual(['earn']);
  });

  it('has the attempt refunded when the wait is cut', async () => {
    const { seen, budget } = counting();
    const { until, subscription } = await start(status(503), { reconnect: { budget } });
    await until(2);
    subscription.unsubscribe();
    expect(seen).toEqual(['take', 'refund']);
  });

  it('begins with short waits again after a connection that lasted', async () => {
    let cut = (): void => undefined;
    const { clock, until } = await start((_, response, count) => {
      if (count === 1) return void response.writeHead(503).end();
      response.writeHead(200, { etag: '"v1"', 'content-length': 10 });
      response.write('x');
      cut = () => void response.destroy();
    });
    expect(await until(2)).toEqual({ type: 'waiting', delayMs: 250 });
    clock.advance(250);
    await until(5);
    clock.advance(30_000);
    cut();
    expect(await until(7)).toEqual({ type: 'waiting', delayMs: 250 });
  });
});

describe('download, from a cursor', () => {
  it('goes on where another subscription was left', async () => {
    server = await startScripted((request, response) => {
      const isRest = request.headers.range === 'bytes=4-' && request.headers['if-range'] === '"v1"';
      const range = { 'content-range': 'bytes 4-9/10' };
      response.writeHead(isRest ? 206 : 200, { etag: '"v1"', ...(isRest ? range : { 'content-length': 10 }) });
      if (isRest) response.end('456789');
      else response.write('0123');
    });
    const api = createApi({ baseUrl: server.origin });
    const from = await new Promise<DownloadCursor | undefined>((resolve) => {
      let left: DownloadCursor | undefined;
      const subscription = download(api, '/file')
        .events()
        .subscribe((event) => {
          if (event.type === 'open') left = event.cursor;
          if (event.type !== 'value') return;
          subscription.unsubscribe();
          resolve(left && { ...left, offset: event.value.length });
        });
    });
    let text = '';
    for await (const piece of download(api, '/file', { from: from! })) text += Buffer.from(piece).toString();
    expect(text).toBe('456789');
  });
});

describe('download, with options that cannot be', () => {
  const cursor = { offset: 4, etag: '"v1"' };
  it.each([
    [{ sha256: 'abc' }, 'download.sha256'],
    [{ from: { offset: -1, etag: '"v1"' } }, 'download.from.offset'],
    [{ from: { offset: 4, etag: 'W/"v1"' } }, 'download.from.etag'],
    [{ from: cursor, sha256: true }, 'download.sha256'],
    [{ restart: true }, 'download.restart'],
    [{ resume: true }, 'download.resume'],
    [{ reconnect: { attempts: 0 } }, 'download.reconnect.attempts'],
  ])('refuses %j', async (options, field) => {
    server = await startScripted(status(200));
    const api = createApi({ baseUrl: server.origin });
    expect(() => download(api, '/file', options as DownloadOptions)).toThrow(field);
  });

  it('names a bad path on the stream, as calls do', async () => {
    server = await startScripted(status(200));
    const api = createApi({ baseUrl: server.origin });
    const error = await new Promise((resolve) => void download(api, '/../x').subscribe({ error: resolve }));
    expect(error).toMatchObject({ kind: 'config', field: 'path' });
  });
});
