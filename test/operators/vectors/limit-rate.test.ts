import { Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { createRateLimiter } from '../../../lib/core/policy/rate-limiter.js';
import { limitRate } from '../../../operators/limit-rate.js';
import { handClock } from '../../support/hand-clock.js';
import { paces, playRate } from '../../support/rate-script.js';

/** Nobody waits: who may not start is turned away. */
const now = { queueMs: 0 };

const five = (what: string | number) => Array<string | number>(5).fill(what).join(' ');
const ten = (what: string | number) => `${five(what)} ${five(what)}`;

// throttled, rate_test.go, TestRateLimit, and redis-cell, src/cell/mod.rs, it_rate_limits: one a second, five at once.
// A cost of a call is not known here, so one of 2 is two calls, and those of 5 and 6 are left out.
describe('the table of throttled and redis-cell for limitRate', () => {
  const clock = handClock();
  const startMs = clock.now();
  const limiter = createRateLimiter({ limit: 1, windowMs: 1_000, burst: 5, ...now, clock });
  const call = () => {
    let waitMs: number | undefined;
    new Observable<never>((one) => one.complete())
      .pipe(limitRate(limiter))
      .subscribe({ error: (error: { retryAfterMs: number }) => (waitMs = error.retryAfterMs) });
    return waitMs;
  };

  it.each([
    [0, 1, { left: 4, resetMs: 1_000 }],
    [0, 1, { left: 3, resetMs: 2_000 }],
    [0, 1, { left: 2, resetMs: 3_000 }],
    [0, 1, { left: 1, resetMs: 4_000 }],
    [0, 1, { left: 0, resetMs: 5_000 }],
    [0, 1, { left: 0, resetMs: 5_000, retryMs: 1_000 }],
    [3_000, 1, { left: 2, resetMs: 3_000 }],
    [3_100, 1, { left: 1, resetMs: 3_900 }],
    [4_000, 1, { left: 1, resetMs: 4_000 }],
    [8_000, 1, { left: 4, resetMs: 1_000 }],
    [9_500, 1, { left: 4, resetMs: 1_000 }],
    [9_500, 0, { left: 4, resetMs: 1_000 }],
    [9_500, 2, { left: 2, resetMs: 3_000 }],
  ])('at %i ms, %i calls: %o', (atMs, calls, expected) => {
    clock.pass(atMs - (clock.now() - startMs));
    const retryMs = Array.from({ length: calls }, call).at(-1);
    const resetMs = limiter.snapshot().starts[0]! - clock.now();
    expect({ left: 5 - Math.ceil(resetMs / 1_000), resetMs, retryMs }).toEqual(expected);
  });
});

// redis-cell, tests/e2e.rs: one in two seconds, and no burst.
describe('vectors of redis-cell for limitRate', () => {
  paces({ limit: 1, windowMs: 2_000, ...now }, [['it_works', '0: 0 x, 2000: 2000']]);
});

// golang.org/x/time, rate/rate_test.go, at ten a second. What asks for several at once and has all or nothing of them
// is left out, as is a clock that runs backwards: ours never does.
describe('vectors of golang.org/x/time/rate for limitRate', () => {
  const second = { limit: 10, windowMs: 1_000 };
  paces({ ...second, ...now }, [
    ['TestLimiterBurst1', '0: 0 x x, 100: 100 x x, 200: 200 x', { burst: 1 }],
    ['TestLimiterBurst3', '0: 0 0 0 x, 200: 200, 300: 300, 400: 400 400 x x, 900: 900 900 900 x', { burst: 3 }],
    ['TestSimultaneousRequests', `0: ${five(0)} ${ten('x')}`, { limit: 1, burst: 5 }],
    ['TestReserveMax', '0: 0 0 100 x', { burst: 2, queueMs: 100 }],
  ]);
  paces({ ...second, burst: 2 }, [
    ['TestSimpleReserve', '0: 0 0, 0: 100 200, 300: 300 400'],
    ['TestMix', '0: 0 0, 100: 100 200, 300: 300'],
    ['TestCancel0Tokens, without what is cancelled', '0: 0 0, 0: 100, 0: 200, 0: 300'],
    ['TestWaitSimple', '0: 0 0, 0: 0 100 200', { burst: 3 }],
  ]);

  it('TestLongRunningQPS: 500 a second for 5 s at a limit of 100 and as many at once', () => {
    const asked = Array.from({ length: 2_500 }, (_, n) => `${n * 2}: ?`).join(', ');
    const played = playRate({ limit: 100, windowMs: 1_000, burst: 100, ...now }, asked);
    const started = played.split(', ').filter((group) => !group.endsWith('x')).length;
    expect(started).toBeGreaterThanOrEqual(Math.floor(0.999 * 600));
    expect(started).toBeLessThanOrEqual(601);
  });
});

// resilience4j, AtomicRateLimiterTest: one in each cycle of 250 ms; it waits for as long as a cycle, or not at all.
describe('vectors of the AtomicRateLimiter of resilience4j for limitRate', () => {
  paces({ limit: 1, windowMs: 250, ...now }, [
    ['acquireAndRefresh', '250: 250 x, 500: 500 x'],
    ['rejectedByTimeout', '250: 250 x, 499: x, 500: 500'],
    ['reserveAndRefresh', '250: 250 500, 750: 750', { queueMs: 250 }],
    ['reserveFewThenSkipCyclesBeforeRefresh', '250: 250 500 x, 1510: 1510', { queueMs: 250 }],
    ['reserveManyCycles', '250: 250 500 750', { queueMs: 1_250 }],
  ]);

  it('changePermissionsLimitBetweenCycles: twice as many from then on', () => {
    const clock = handClock();
    const startMs = clock.now();
    const limiter = createRateLimiter({ limit: 1, windowMs: 250, queueMs: Infinity, clock });
    const starts: number[] = [];
    const call = () => {
      const call$ = new Observable<never>((one) => {
        starts.push(clock.now() - startMs);
        one.complete();
      });
      call$.pipe(limitRate(limiter)).subscribe();
    };
    call();
    call();
    limiter.configure({ limit: 2 });
    call();
    clock.pass(1_000);
    // What has started keeps counting as it did; those behind it come at the new pace.
    expect(starts).toEqual([0, 250, 375]);
  });
});

// A log of the latest starts stands here for what others do by windows with fixed ends.
describe('vectors of limiters with windows for limitRate by a log', () => {
  const log = { algorithm: 'log' } as const;
  // There, the fourth to sixth start with the next cycle, at 20, and those behind them would wait 13 ms and more, but
  // 12 at most; here each starts when one of the first three is a window old.
  paces({ limit: 3, windowMs: 10, queueMs: 12, ...log }, [
    ['resilience4j, reservePermissionsUpfront', '11: 11, 12: 12, 13: 13, 14: 21, 15: 22, 16: 23, 17: x, 18: x, 19: 31'],
  ]);
  // p-queue, test/strict.ts: how far apart starts are there at least.
  paces({ limit: 2, windowMs: 1_000, ...log }, [
    ['p-queue, strict mode enforces a sliding window', '0: 0 0 1000 1000 2000 2000'],
    ['p-queue, strict mode vs fixed window timing', '0: 0 0 500 500', { windowMs: 500 }],
    ['p-queue, large intervalCap', `0: ${ten(0)} ${ten(100)} ${ten(200)}`, { limit: 10, windowMs: 100 }],
  ]);
  // failsafe-go, ratelimiter/ratelimiterstats_test.go, TestBurstyAcquirePermits: what the last of each waits is known.
  paces({ limit: 2, windowMs: 1_000, ...log }, [
    [
      'failsafe-go, two a second',
      `0: 0 0 1000 1000 2000 2000 3000, 800: 3000 4000 ${800 + 3_200}, 2300: ${2_300 + 2_700}, ` +
        `3500: 5000 6000 ${3_500 + 2_500}, 7000: 7000`,
    ],
    // There the second five start at 2,000, 450 ms after the first, and two more at 3,000: seven within a second.
    [
      'failsafe-go, five a second',
      `300: 300 300 300, 1550: ${five(1_550)} ${five(2_550)}, 2210: 3550 3550`,
      { limit: 5 },
    ],
  ]);
});

// failsafe-go, TestSmoothAcquirePermits: one in 500 ms, or in 200. There, after a pause, starts are due on a grid that
// began with the first one, so that two may be closer; here there are 500 ms between any two.
describe('vectors of the smooth rate limiter of failsafe-go for limitRate', () => {
  paces({ limit: 2, windowMs: 1_000 }, [
    [
      'one in 500 ms',
      `0: 0 500 1000 1500 2000 2500 3000, 800: 3500 4000 ${800 + 3_700}, 2300: ${2_300 + 2_700}, ` +
        `3500: 5500 6000 ${3_500 + 3_000}, 9100: 9100 9600 10100, 11000: 11000`,
    ],
    ['one in 200 ms', `0: 0 200 400, 550: 600 ${550 + 250}, 2210: 2210 2410`, { limit: 5 }],
    ['TestSmoothAcquireInitialStats', '0: 0 100, 100: 200 300', { limit: 10 }],
    ['TestSmoothAcquireInitialStats, after a pause', '0: 0, 150: 150, 250: 250 350', { limit: 10 }],
    ['TestShouldHaveZeroWaitTime', '0: 0', { limit: 1, windowMs: 500_000 }],
  ]);
});

// limiter 4, TokenBucket.test.ts: one in 100 ms, ten saved up. Its bucket is empty at first, this one is full.
describe('vectors of the TokenBucket of limiter for limitRate', () => {
  const tenLater = Array.from({ length: 10 }, (_, n) => (n + 1) * 100).join(' ');
  paces({ limit: 10, windowMs: 1_000, burst: 10 }, [
    ['removing 10 tokens takes a second, once those at first are gone', `0: ${ten(0)} ${tenLater}`],
    ['waiting 2 seconds gives only 10 tokens', `0: ${ten(0)}, 2000: ${ten(2_000)} 2100`],
  ]);
});
