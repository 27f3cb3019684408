import { describe, expect, it } from 'vitest';

import { createBulkhead } from '../../lib/core/policy/bulkhead.js';
import type { LimitSource } from '../../lib/core/policy/limit-source.js';
import type { Outcome } from '../../lib/core/policy/outcome.js';
import { createRateLimiter } from '../../lib/core/policy/rate-limiter.js';
import { createApi } from '../../lib/http/api.js';
import type { Layer, RetryOptions } from '../../lib/http/types.js';
import { fakeTransport } from '../../lib/testing/fake-transport.js';
import { limitConcurrency } from '../../operators/limit-concurrency.js';
import { limitRate } from '../../operators/limit-rate.js';
import { HandClock } from '../http/hand-clock.js';

/** A client that is answered by hand, with one layer around each attempt. */
function client(layerOf: (clock: HandClock) => Layer, retry: RetryOptions | false = false) {
  const clock = new HandClock();
  const fake = fakeTransport({ clock });
  const baseUrl = 'https://cities.test';
  const api = createApi({ baseUrl, transport: fake, attemptLayers: [layerOf(clock)], clock, random: () => 0, retry });
  const ends: string[] = [];
  const get = () =>
    api.get('/').subscribe({ complete: () => ends.push('complete'), error: ({ kind }) => ends.push(kind as string) });
  const answer = (status: number, headers: Record<string, string> = {}) => {
    fake.last.answer(status, {}, headers);
    clock.advance(0);
  };
  return { clock, fake, get, answer, ends, sent: () => fake.requests.length };
}

const rateLimited = (clock: HandClock): Layer => {
  const wide = { limit: 1000, algorithm: 'log', queueMs: Infinity } as const;
  const limiter = createRateLimiter({ ...wide, random: () => 0, clock });
  return (request, next) => next(request).pipe(limitRate(limiter));
};

describe('limitRate in a client', () => {
  it('reads the head of an answer, though the caller never sees it', () => {
    const { get, answer, clock, sent } = client(rateLimited);
    get();
    answer(200, { ratelimit: '"default";r=1;t=5' });
    get();
    get();
    expect(sent()).toBe(2);
    clock.advance(4999);
    expect(sent()).toBe(2);
    clock.advance(1);
    expect(sent()).toBe(3);
  });

  it('reads the answer that is an error, and holds the retry back with all others', () => {
    const { get, answer, clock, sent, ends } = client(rateLimited, { backoff: () => 1 });
    get();
    answer(429, { 'retry-after': '3' });
    get();
    expect(sent()).toBe(1);
    clock.advance(2999);
    expect(sent()).toBe(1);
    clock.advance(2);
    expect([sent(), ends]).toEqual([3, []]);
  });

  it('leaves nothing behind when the caller leaves while it waits', () => {
    const { get, answer, clock, sent } = client(rateLimited);
    get();
    answer(200, { ratelimit: '"default";r=0;t=60' });
    get().unsubscribe();
    expect([clock.pending, sent()]).toEqual([0, 1]);
  });
});

describe('limitConcurrency in a client', () => {
  it('counts a call from its start to the end of its body, or until it is left', () => {
    const { get, answer, sent } = client((clock) => {
      const bulkhead = createBulkhead({ limit: 1, clock });
      return (request, next) => next(request).pipe(limitConcurrency(bulkhead));
    });
    get();
    const second = get();
    get();
    expect(sent()).toBe(1);
    answer(200);
    expect(sent()).toBe(2);
    second.unsubscribe();
    expect(sent()).toBe(3);
  });

  it('tells a limit that adapts what the answers say about the server', () => {
    const seen: Outcome[] = [];
    const sample: LimitSource['sample'] = (_ms, _running, outcome) => seen.push(outcome);
    const limit = { limit: 5, changes: { subscribe: () => ({ unsubscribe: () => undefined }) }, sample } as never;
    const { get, answer } = client((clock) => {
      const bulkhead = createBulkhead({ limit, clock });
      return (request, next) => next(request).pipe(limitConcurrency(bulkhead));
    });
    for (const status of [200, 404, 429, 503]) {
      get();
      answer(status);
    }
    get().unsubscribe();
    expect(seen).toEqual(['success', 'answered', 'failure', 'failure', 'ignored']);
  });
});
