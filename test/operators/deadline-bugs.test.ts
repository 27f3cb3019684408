import { map, timer } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { AbortError, ConfigError, NetworkError, type TimeoutError } from '../../lib/core/errors.js';
import { deadline } from '../../operators/deadline.js';
import { policies } from '../../operators/policies.js';
import { retryBackoff } from '../../operators/retry-backoff.js';
import { timeoutEach } from '../../operators/timeout-each.js';
import { HandCall } from '../support/calls.js';
import { handClock } from '../support/hand-clock.js';
import { marble } from '../support/marble.js';

const lost = new NetworkError('connection reset', 'receive');

describe('bugs of other time limits that these do not have', () => {
  marble('rxjs #7142: a stream fails with a timeout after its value was delivered', (t) => {
    const source = t.cold(' --a---------|');
    const expected = '      --a---------|';
    t.expectObservable(source.pipe(timeoutEach({ attemptMs: 5, clock: t.clock }))).toBe(expected);
  });

  it('cockatiel #99: a call that its caller aborts is told to have timed out', () => {
    const clock = handClock();
    const [aborted, left] = [5_000, 5_000].map(
      (attemptMs) => new HandCall(policies(deadline({ totalMs: 9_000, clock }), timeoutEach({ attemptMs, clock }))),
    );
    const abort = new AbortError('enough');
    aborted!.fail(abort);
    left!.leave();
    expect([aborted!.told, left!.told, clock.pending]).toEqual([[abort], [], 0]);
  });

  // 69, 81 and p-timeout #42: a listener of each call stays on the signal of the caller. Here the timers are what stays.
  it('cockatiel #69, #81: calls that have ended leave something behind', () => {
    const clock = handClock();
    for (let n = 0; n < 1_000; n++) {
      const call = new HandCall(
        policies(deadline({ totalMs: 9_000, clock }), timeoutEach({ attemptMs: 5_000, clock })),
      );
      if (n % 3 === 0) call.succeed();
      else if (n % 3 === 1) call.fail(lost);
      else call.leave();
    }
    expect(clock.pending).toBe(0);
  });

  marble('Polly #2278: a total limit that ends within a wait is not told as one, or as what it is not', (t) => {
    const source = t.cold(' --#', undefined, lost);
    const { clock } = t;
    const told: unknown[] = [];
    const startMs = clock.now();
    source
      .pipe(policies(deadline({ totalMs: 10, clock }), retryBackoff({ backoff: () => 20, clock })))
      .subscribe({ error: (error: unknown) => told.push(error, clock.now() - startMs) });
    t.flush();
    // The wait would outlast it, so nobody waits: the failure itself is told, at once.
    expect(told).toEqual([lost, 2]);
  });

  marble('ModularPipelines #3790: one limit means the attempt to its reader, and the total to its program', (t) => {
    const { clock } = t;
    const told: [unknown, number][] = [];
    const startMs = clock.now();
    const each = policies(
      retryBackoff<string>({ backoff: () => 0, clock }),
      timeoutEach<string>({ attemptMs: 3, clock }),
    );
    for (const operator of [each, policies(deadline<string>({ totalMs: 7, clock }), each)]) {
      const call = timer(4).pipe(map(String), operator);
      call.subscribe({ error: (error: TimeoutError) => told.push([error.which, clock.now() - startMs]) });
    }
    t.flush();
    expect(told).toEqual([
      ['total', 7],
      ['attempt', 9],
    ]);
  });

  it('Polly #261, #489, #711, #1896: the order of retry and time limit decides which of two things it means', () => {
    expect(() => policies(retryBackoff(), deadline({ totalMs: 1_000 }))).toThrow(ConfigError);
    expect(() => policies(timeoutEach(1_000), retryBackoff())).toThrow(ConfigError);
    expect(() => policies(deadline({ totalMs: 1_000 }), retryBackoff(), timeoutEach(500))).not.toThrow();
  });
});
