import { text } from '../../lib/codec/text.js';
import { type Api, createApi } from '../../lib/http/api.js';
import type { ApiOptions, CallOptions, TimeoutsInput } from '../../lib/http/types.js';
import { type FakeTransport, fakeTransport } from '../../lib/testing/fake-transport.js';
import { HandClock } from './hand-clock.js';
import { type Queueing, queueing } from './queueing.js';

/** A client whose time and transport are moved by hand. */
export interface Bench {
  readonly clock: HandClock;
  readonly fake: FakeTransport;
  readonly queue: Queueing;
  readonly api: Api;
  /** Starts a call of PUT; what it comes to is filled in, and how long that took. */
  start(options?: CallOptions): Running;
}

/** What came of a call; `ms` is NaN while it runs. */
export interface Running {
  readonly values: unknown[];
  readonly error: unknown;
  readonly ms: number;
}

const off = { queueMs: false, headersMs: false, idleMs: false, attemptMs: false, totalMs: false } as const;

/**
 * Makes a client whose time limits are off but for those given.
 *
 * @param waiting - each request waits for a connection, until `queue.assign()`
 */
export function bench(timeouts: TimeoutsInput, options: ApiOptions = {}, waiting = false): Bench {
  const clock = new HandClock();
  const fake = fakeTransport({ clock });
  const queue = queueing(fake);
  const transport = waiting ? queue : fake;
  const api = createApi({
    baseUrl: 'https://a.test',
    clock,
    transport,
    retry: false,
    timeouts: { ...off, ...timeouts },
    ...options,
  });
  const start: Bench['start'] = (call = {}) => {
    const state = { values: [] as unknown[], error: undefined as unknown, ms: Number.NaN };
    const startedMs = clock.now();
    api.request('PUT', '/x', { as: text(), ...call }).subscribe({
      next: (value) => state.values.push(value),
      error: (error) => Object.assign(state, { error, ms: clock.now() - startedMs }),
      complete: () => Object.assign(state, { ms: clock.now() - startedMs }),
    });
    return state;
  };
  return { clock, fake, queue, api, start };
}
