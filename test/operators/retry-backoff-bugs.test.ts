import { describe, expect, it } from 'vitest';

import { exponential } from '../../lib/core/backoff.js';
import { NetworkError } from '../../lib/core/errors.js';
import { PROGRESS } from '../../lib/core/progress.js';
import { seededRandom } from '../../lib/testing/seeded-random.js';
import { retryBackoff, type RetryBackoffOptions } from '../../operators/retry-backoff.js';
import { HandCalls } from '../support/calls.js';
import { handClock } from '../support/hand-clock.js';

const lost = new NetworkError('connection reset', 'receive');
const asks = (retryAfterMs: number) => new NetworkError('come back later', 'receive', { retryAfterMs });

/** A call that is retried, on a clock that is turned by hand; no jitter unless a test wants it. */
function trial(options: RetryBackoffOptions = {}) {
  const clock = handClock();
  const call = () => new HandCalls(retryBackoff({ clock, random: () => 0, ...options }));
  /** Fails each attempt of a call in turn, waiting as long as it takes, and tells how many there were. */
  const exhaust = ({ attempts }: HandCalls, error: unknown, before?: unknown) => {
    for (let n = 0; n < attempts.length && n < 100; n++) {
      if (before !== undefined) attempts[n]!.next(before);
      attempts[n]!.error(error);
      clock.pass(3_600_000);
    }
    return attempts.length;
  };
  return { clock, call, exhaust };
}

describe('bugs of other retries that this one does not have', () => {
  // openai-node #2580, browserbase/sdk-node #205, strands-agents/harness-sdk #4250, smithy-ts: 402 ms and 2 calls.
  it('cockatiel 3.2.1: a cancelled wait is waited out, and one more attempt is made', () => {
    const { clock, call } = trial({ backoff: () => 400 });
    const left = call();
    left.attempts[0]!.error(lost);
    clock.pass(50);
    left.leave();
    expect(clock.pending).toBe(0);
    clock.pass(10_000);
    expect([left.attempts.length, left.told]).toEqual([1, []]);
  });

  // An event in front of every failure resets the count: 200 subscriptions where 2 retries were allowed.
  it('rxjs #7192, #5280, backoff-rxjs #18, reactor-addons #140: what is emitted before a failure makes retries endless', () => {
    const { call, exhaust } = trial();
    const sent = { [PROGRESS]: true };
    const one = call();
    expect(exhaust(one, lost, sent)).toBe(3);
    expect(one.told).toEqual([sent, sent, sent, lost]);
  });

  it('rxjs retry: values that came before a failure come twice', () => {
    const { call, exhaust } = trial();
    const one = call();
    expect(exhaust(one, lost, 1)).toBe(1);
    expect(one.told).toEqual([1, lost]);
  });

  it('rxjs retry: a delay that brings nothing turns the error into a completion', () => {
    for (const wait of [NaN, Infinity, -Infinity, -1, undefined as never]) {
      const { call, exhaust } = trial({ backoff: () => wait });
      const one = call();
      expect([exhaust(one, lost), one.told]).toEqual([3, [lost]]);
    }
  });

  it('Polly #2163, cockatiel #86: after 1,024 retries the wait is negative or no number', () => {
    const backoff = exponential();
    const waits = [1_000, 1_023, 1_024, 1_025, 5_000, 2 ** 31, Number.MAX_SAFE_INTEGER].map((retry) =>
      backoff(lost, retry, () => 1),
    );
    expect(waits).toEqual(waits.map(() => 20_000));
  });
});

describe('bugs of others around Retry-After that this one does not have', () => {
  it('ky #603, smithy-ts: a cap of its own makes it come back before the server allows', () => {
    const { clock, call } = trial({ backoff: exponential({ capMs: 1_000 }) });
    const one = call();
    one.attempts[0]!.error(asks(60_000));
    clock.pass(59_999);
    expect(one.attempts.length).toBe(1);
    clock.pass(1);
    expect(one.attempts.length).toBe(2);
  });

  // Also retry-axios #116, fetch-retry #31, axios #10732: they ask for an upper bound beyond which it fails at once.
  it('ky, urllib3 #3743: a huge value parks the caller', () => {
    for (const askedMs of [60_001, 999_999_000, 2 ** 31 * 1_000, Number.MAX_VALUE]) {
      const { clock, call } = trial();
      const one = call();
      const error = asks(askedMs);
      one.attempts[0]!.error(error);
      expect([one.told, clock.pending]).toEqual([[error], 0]);
      expect(error.retryAt!.getTime()).toBeGreaterThan(clock.now() + 60_000);
    }
  });

  it('openclaw #68543, at the cap itself: what equals it is waited for, what is beyond it is not', () => {
    const { clock, call } = trial({ maxRetryAfterMs: 5_000 });
    const [equal, beyond] = [call(), call()];
    equal.attempts[0]!.error(asks(5_000));
    beyond.attempts[0]!.error(asks(5_001));
    clock.pass(5_000);
    expect([equal.attempts.length, beyond.attempts.length]).toEqual([2, 1]);
  });

  it('electric #4322, Meraki.Api #374: all clients come back at the same moment', () => {
    const { clock, call } = trial({ random: seededRandom(7) });
    const startMs = clock.now();
    const clients = Array.from({ length: 100 }, call);
    for (const { attempts } of clients) attempts[0]!.error(asks(10_000));
    const back: number[] = [];
    for (let ms = 0; ms < 12_000; ms++) {
      clock.pass(1);
      const there = clients.filter(({ attempts }) => attempts.length === 2).length;
      while (back.length < there) back.push(clock.now() - startMs);
    }
    expect([back.length, Math.min(...back) >= 10_000, Math.max(...back) <= 11_000]).toEqual([100, true, true]);
    expect(new Set(back).size).toBeGreaterThan(80);
  });
});
