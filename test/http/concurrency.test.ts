import { getEventListeners } from 'node:events';

import { firstValueFrom, type Subscription } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type Api, createApi } from '../../lib/http/api.js';
import { gc } from '../support/gc.js';
import { forkServer, type RemoteServer } from '../support/server.js';
import { countingClock } from './aftermath.js';

const MANY = 10_000;
const MEGABYTE = 1024 * 1024;

let server: RemoteServer;
beforeAll(async () => {
  server = await forkServer();
});
afterAll(() => server.close());

const settled = async (): Promise<number> => {
  for (let round = 0; round < 5; round++) {
    gc();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return process.memoryUsage().heapUsed;
};
const idle = async (): Promise<void> => {
  await expect.poll(() => server.busy(), { timeout: 10_000 }).toBe(0);
};
const sockets = (): number => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;

/** Runs many calls at once to their end. */
async function all(api: Api, count: number, signal?: AbortSignal): Promise<number> {
  let right = 0;
  const options = { timeouts: { queueMs: false }, ...(signal && { signal }) } as const;
  const one = async (): Promise<void> => {
    const { ok } = await firstValueFrom(api.get<{ ok: boolean }>('/json', options));
    if (ok) right++;
  };
  await Promise.all(Array.from({ length: count }, one));
  return right;
}

describe('ten thousand calls at once', () => {
  it('all complete, over few connections, and leave no memory behind', { timeout: 60_000 }, async () => {
    const { clock, pending } = countingClock();
    const { signal } = new AbortController();
    const api = createApi({ baseUrl: server.origin, clock });
    await all(api, 1000);
    await server.reset();
    const before = await settled();
    expect(await all(api, MANY, signal)).toBe(MANY);
    expect(pending()).toBe(0);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    const after = await settled();
    expect(after - before).toBeLessThan(5 * MEGABYTE);
    const { requests, peak } = await server.stats();
    expect(requests).toBe(MANY);
    expect(peak).toBeLessThanOrEqual(256);
    await api.close();
    await expect.poll(() => server.sockets(), { timeout: 10_000 }).toBe(0);
    await expect.poll(sockets, { timeout: 10_000 }).toBe(0);
  });

  it('that are all left midway leave nothing behind', { timeout: 60_000 }, async () => {
    const { clock, pending } = countingClock();
    const { signal } = new AbortController();
    const api = createApi({ baseUrl: server.origin, clock, timeouts: { queueMs: false } });
    await all(api, 1000);
    await server.reset();
    const before = await settled();
    const errors: unknown[] = [];
    let subscriptions: Subscription[] = [];
    for (let call = 0; call < MANY; call++) {
      const path = call % 2 ? '/bad/never' : '/drip?bytes=endless';
      subscriptions.push(api.get(path, { signal }).subscribe({ error: (error) => errors.push(error) }));
    }
    await server.waitFor(({ path, wrote }) => path === '/drip' && wrote > 10);
    for (const subscription of subscriptions) subscription.unsubscribe();
    subscriptions = [];
    expect(pending()).toBe(0);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    await idle();
    await expect.poll(sockets, { timeout: 10_000 }).toBe(0);
    expect(errors).toEqual([]);
    await server.reset();
    const after = await settled();
    expect(after - before).toBeLessThan(5 * MEGABYTE);
    expect(await firstValueFrom(api.get('/json'))).toMatchObject({ ok: true });
    await api.close();
    await expect.poll(() => server.sockets(), { timeout: 10_000 }).toBe(0);
  });

  it('that a signal aborts all fail with its reason', { timeout: 60_000 }, async () => {
    const { clock, pending } = countingClock();
    const controller = new AbortController();
    const api = createApi({ baseUrl: server.origin, clock, timeouts: { queueMs: false } });
    const reasons = new Set<unknown>();
    let failed = 0;
    for (let call = 0; call < MANY; call++) {
      const error = (given: { reason?: unknown }): void => {
        reasons.add(given.reason);
        failed++;
      };
      api.get('/bad/never', { signal: controller.signal }).subscribe({ error });
    }
    await server.waitFor(({ path }) => path === '/bad/never');
    controller.abort('enough');
    expect([failed, [...reasons]]).toEqual([MANY, ['enough']]);
    expect([pending(), getEventListeners(controller.signal, 'abort')]).toEqual([0, []]);
    await idle();
    await api.close();
    await expect.poll(sockets, { timeout: 10_000 }).toBe(0);
  });

  it('that wait too long for a connection are turned away', { timeout: 60_000 }, async () => {
    const { clock, pending } = countingClock();
    const api = createApi({ baseUrl: server.origin, clock, timeouts: { queueMs: 200 }, retry: false });
    const turnedAway: unknown[] = [];
    const calls = Array.from({ length: MANY }, () =>
      api.get('/bad/never').subscribe({ error: ({ which }: { which: string }) => turnedAway.push(which) }),
    );
    await expect.poll(() => turnedAway.length, { timeout: 10_000 }).toBe(MANY - 256);
    expect(new Set(turnedAway)).toEqual(new Set(['queue']));
    for (const call of calls) call.unsubscribe();
    expect(pending()).toBe(0);
    await idle();
    await api.close();
    await expect.poll(sockets, { timeout: 10_000 }).toBe(0);
  });
});
