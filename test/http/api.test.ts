import { firstValueFrom } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { ndjson } from '../../lib/codec/ndjson.js';
import { createBudget } from '../../lib/core/budget.js';
import { type Api, createApi } from '../../lib/http/api.js';
import { bearer } from '../../lib/http/auth.js';
import type { ApiOptions, Layer } from '../../lib/http/types.js';
import { fakeTransport } from '../../lib/testing/fake-transport.js';
import { fetchTransport } from '../../lib/transport/fetch.js';
import { undici } from '../../lib/transport/undici.js';
import { failure, outcome } from '../support/outcome.js';
import { type Server, startServer } from '../support/server.js';
import { HandClock } from './hand-clock.js';

let server: Server;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

const closed = { kind: 'rejected', why: 'closed', attempts: 0, retryable: false };

describe('close', () => {
  it('refuses new calls, waits for those that run, then closes the connections', async () => {
    const api = createApi({ baseUrl: server.origin });
    const running = outcome(api.get('/echo?delay=100&id=runs'));
    await server.waitFor(({ id }) => id === 'runs');
    let over = false;
    const closing = api.close().then(() => (over = true));
    const refused = await failure(api.get('/json'));
    expect(refused).toMatchObject(closed);
    expect(refused.message).toMatch(/^GET http.*\/json: /);
    expect(over).toBe(false);
    expect(await running).toMatchObject({ error: undefined });
    await closing;
    expect(server.busy()).toBe(0);
    await expect.poll(() => server.sockets()).toBe(0);
  });

  it('waits for a stream that is being read', async () => {
    const api = createApi({ baseUrl: server.origin });
    const rows: unknown[] = [];
    const reading = firstValueFrom(api.get('/ndjson?rows=5&interval=20', { as: ndjson() }).response());
    await server.waitFor(({ path }) => path === '/ndjson');
    await api.close();
    rows.push(...((await reading).body as unknown as unknown[]));
    expect(rows).toHaveLength(5);
  });

  it('waits for calls that hold no connection: between attempts, between hops, and for a token', async () => {
    const token = (): Promise<string> => new Promise((resolve) => setTimeout(resolve, 50, 'abc'));
    const options = { baseUrl: server.origin, retry: { backoff: () => 50 }, auth: [bearer(token)] };
    for (const transport of [undici(), fetchTransport()]) {
      const api = createApi({ ...options, transport });
      const paths = ['/flaky?fail=2&key=closing', '/redirect/chain?n=9', '/redirect?to=/json&drip=5&interval=10'];
      const running = paths.map((path) => outcome(api.get(path)));
      let over = false;
      void Promise.all(running).then(() => (over = true));
      await api.close();
      await Promise.resolve();
      expect(over).toBe(true);
      for (const one of running) expect(await one).toMatchObject({ values: [{}], error: undefined });
      server.reset();
    }
  });

  it('may be called again, and before the first call', async () => {
    const api = createApi({ baseUrl: server.origin });
    await api.close();
    await Promise.all([api.close(), api.close()]);
    expect(await failure(api.get('/json'))).toMatchObject(closed);
  });

  it('refuses the calls of every extend as well', async () => {
    const api = createApi({ baseUrl: server.origin });
    const [child, grandchild] = [api.extend({}), api.extend({}).extend({ retry: false })];
    expect(await outcome(child.get('/json'))).toMatchObject({ error: undefined });
    await api.close();
    for (const one of [api, child, grandchild, api.extend({})])
      expect(await failure(one.get('/json'))).toMatchObject(closed);
  });

  it('of an extend refuses its own calls, and leaves the parent alone', async () => {
    const api = createApi({ baseUrl: server.origin });
    const [child, sister] = [api.extend({}), api.extend({})];
    await firstValueFrom(child.get('/json'));
    await child.close();
    expect(await failure(child.get('/json'))).toMatchObject(closed);
    expect(await outcome(api.get('/json'))).toMatchObject({ error: undefined });
    expect(await outcome(sister.get('/json'))).toMatchObject({ error: undefined });
    await api.close();
  });

  it('of an extend with a transport of its own closes that one', async () => {
    const closes: string[] = [];
    const closing = (name: string): NonNullable<ApiOptions['transport']> =>
      Object.assign(fakeTransport(), { close: async () => void closes.push(name) });
    const api = createApi({ baseUrl: server.origin, transport: closing('parent') });
    const child = api.extend({ transport: closing('child') });
    const grandchild = child.extend({});
    await grandchild.close();
    expect(closes).toEqual([]);
    await child.close();
    expect(closes).toEqual(['child']);
    expect(await failure(grandchild.get('/json'))).toMatchObject(closed);
    await api.close();
    expect(closes).toEqual(['child', 'parent']);
  });

  it('is what `await using` does', async () => {
    const api = createApi({ baseUrl: server.origin });
    expect(api[Symbol.asyncDispose]).toBe(api.close);
    await firstValueFrom(api.get('/json'));
    await api[Symbol.asyncDispose]();
    expect(await failure(api.get('/json'))).toMatchObject(closed);
  });

  it('passes on what the transport fails with', async () => {
    const mine = new Error('stuck');
    const transport = Object.assign(fakeTransport(), { close: () => Promise.reject(mine) });
    await expect(createApi({ transport }).close()).rejects.toBe(mine);
  });
});

describe('extend', () => {
  const names = (layer: string, log: string[]): Layer => {
    return (request, next) => (log.push(layer), next(request));
  };

  it('takes over what is not said again', async () => {
    const log: string[] = [];
    const api = createApi({
      baseUrl: server.origin,
      headers: { 'x-a': '1', 'x-b': '1' },
      layers: [names('parent', log)],
      limits: { bodyBytes: 5, lineBytes: 7 },
    });
    const child = api.extend({ headers: { 'x-b': '2', 'x-c': '2' }, limits: { bodyBytes: 10_000 } });
    const echo = await firstValueFrom(child.get<{ headers: [string, string][] }>('/echo'));
    expect(echo.headers.filter(([name]) => name.startsWith('x-')).toSorted()).toEqual([
      ['x-a', '1'],
      ['x-b', '2'],
      ['x-c', '2'],
    ]);
    expect(log).toEqual(['parent']);
    expect(await failure(child.get('/ndjson?size=50', { as: ndjson() }))).toMatchObject({
      which: 'lineBytes',
      limit: 7,
    });
    const replaced = child.extend({ layers: [names('child', log)] });
    await firstValueFrom(replaced.get('/echo'));
    expect(log).toEqual(['parent', 'parent', 'child']);
    expect(await failure(api.get('/json'))).toMatchObject({ which: 'bodyBytes', limit: 5 });
    await api.close();
  });

  it('shares the connections', async () => {
    const api = createApi({ baseUrl: server.origin });
    server.reset();
    for (const one of [api, api.extend({}), api.extend({ headers: { a: 'b' } }).extend({})]) {
      await firstValueFrom(one.get('/json'));
    }
    expect(new Set(server.requests().map(({ connection }) => connection)).size).toBe(1);
    await api.close();
  });

  it('merges retry, one setting at a time', async () => {
    const budget = createBudget({ capacity: 100 });
    const api = createApi({ baseUrl: server.origin, retry: { attempts: 2, backoff: () => 0, budget } });
    const attempts = async (client: Api, options = {}): Promise<number> =>
      (await failure(client.get('/reply?status=503', options))).attempts;
    expect(await attempts(api)).toBe(2);
    expect(await attempts(api.extend({ retry: { attempts: 5 } }))).toBe(5);
    expect(await attempts(api, { retry: { attempts: 4 } })).toBe(4);
    expect(await attempts(api, { retry: {} })).toBe(2);
    expect(await attempts(api, { retry: false })).toBe(1);
    expect(await attempts(api.extend({ retry: false }), { retry: { attempts: 2, backoff: () => 0 } })).toBe(2);
    expect(budget.state.taken).toBe(1 + 4 + 3 + 1);
    await api.close();
  });

  it('takes its own clock and random for everything', () => {
    const clocks = [new HandClock(), new HandClock()] as const;
    const transports = [fakeTransport({ clock: clocks[0] }), fakeTransport({ clock: clocks[1] })] as const;
    const api = createApi({ baseUrl: 'https://a.test', transport: transports[0], clock: clocks[0], random: () => 0 });
    const child = api.extend({ transport: transports[1], clock: clocks[1], random: () => 0.5 });
    child.get('/x').subscribe({ error: () => {} });
    expect([clocks[0].pending, clocks[1].pending > 0]).toEqual([0, true]);
    transports[1].last.answer(503);
    clocks[1].advance(49);
    expect(transports[1].requests).toHaveLength(1);
    clocks[1].advance(1);
    expect(transports[1].requests).toHaveLength(2);
  });

  it('does not change the client it extends', async () => {
    const api = createApi({ baseUrl: server.origin, transport: undici({ connections: 2 }) });
    api.extend({ headers: { 'x-child': 'yes' }, retry: false, timeouts: { totalMs: 1 } });
    const { headers } = await firstValueFrom(api.get<{ headers: [string, string][] }>('/echo'));
    expect(headers.map(([name]) => name)).not.toContain('x-child');
    await api.close();
  });
});

describe('the functions of an api', () => {
  it('need no this', async () => {
    const { get, extend, close } = createApi({ baseUrl: server.origin });
    expect(await firstValueFrom(get('/json'))).toMatchObject({ ok: true });
    expect(await firstValueFrom(extend({}).get('/json'))).toMatchObject({ ok: true });
    await close();
  });

  it('never throw: what is wrong is the error of the call, in each of its shapes', async () => {
    const api = createApi({ baseUrl: server.origin });
    const call = api.get('//evil.test');
    const errors = await Promise.all([failure(call), failure(call.response()), failure(call.events())]);
    for (const error of errors) expect(error).toMatchObject({ kind: 'config', field: 'path' });
    const read = async (): Promise<void> => {
      for await (const value of call) expect(value).toBe('never');
    };
    await expect(read()).rejects.toMatchObject({ kind: 'config' });
    await api.close();
  });
});
