import { getEventListeners } from 'node:events';

import { expect } from 'vitest';

import { type Clock, systemClock } from '../../lib/core/clock.js';
import { type Api, createApi } from '../../lib/http/api.js';
import type { ApiOptions, CallOptions } from '../../lib/http/types.js';
import { outcome, type Outcome } from '../support/outcome.js';
import type { Server } from '../support/server.js';

/** The system's clock, with a count of the timers that are set. */
export function countingClock(): { readonly clock: Clock; pending(): number } {
  let pending = 0;
  const after = (ms: number, run: () => void): (() => void) => {
    let set = true;
    const unset = (): void => {
      if (set) pending--;
      set = false;
    };
    pending++;
    const cancel = systemClock.after(ms, () => {
      unset();
      run();
    });
    return () => {
      unset();
      cancel();
    };
  };
  return { clock: { now: systemClock.now, after }, pending: () => pending };
}

const HIDDEN = /hunter2|aHVudGVyM|swordfish/;
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const CONTROL = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028\u2029]/;

/** What an error may say: method and URL, no secrets, on one short line. */
export function expectSafe(error: unknown): void {
  const { message, stack, request } = error as { message: string; stack?: string; request?: { method: string } };
  expect(message).toMatch(new RegExp(`^${request?.method} http`));
  expect(message.length).toBeLessThan(1000);
  expect(message).not.toMatch(CONTROL);
  expect(JSON.stringify([message, stack, request])).not.toMatch(HIDDEN);
}

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));

/** Nothing of ours keeps the process busy: what the test server does not hold either. */
async function expectIdle(server: Server, before: readonly string[]): Promise<void> {
  await expect.poll(() => server.busy(), { timeout: 5000 }).toBe(0);
  await expect.poll(() => server.sockets(), { timeout: 5000 }).toBe(0);
  const left = (): string[] =>
    process.getActiveResourcesInfo().filter((name) => /TCP|TLS|Pipe|Connect|Zlib/.test(name));
  await expect
    .poll(() => left().length, { timeout: 5000 })
    .toBeLessThanOrEqual(before.filter((name) => /TCP|TLS|Pipe|Connect|Zlib/.test(name)).length);
}

/** Where a hostile answer is met. */
export interface Meeting {
  readonly server: Server;
  readonly api?: ApiOptions;
  readonly call?: CallOptions;
  readonly method?: string;
}

/** Meets an answer with a client of its own, and checks that nothing is left of it but its outcome. */
export async function meet(
  path: string,
  { server, api: options, call, method = 'GET' }: Meeting,
): Promise<Outcome<unknown>> {
  const before = process.getActiveResourcesInfo();
  const { clock, pending } = countingClock();
  const { signal } = new AbortController();
  const timeouts = { headersMs: 600, idleMs: 600, attemptMs: 900, totalMs: 1500 };
  const api: Api = createApi({ baseUrl: server.origin, retry: false, timeouts, clock, ...options });
  const startedMs = systemClock.now();
  const came = await outcome(api.request(method, path, { signal, ...call }));
  const tookMs = systemClock.now() - startedMs;
  expect(tookMs).toBeLessThan(2000);
  expect(pending()).toBe(0);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
  if (came.error !== undefined) expectSafe(came.error);
  await api.close();
  await settle();
  await expectIdle(server, before);
  return came;
}
