import { EMPTY, merge, NEVER, Observable, of, repeat, Subject } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';

import { ConfigError, RejectedError } from '../../lib/core/errors.js';
import { type PolicyEvent, policyEvents } from '../../lib/core/policy/policy-events.js';
import { createRateLimiter, type RateLimiter } from '../../lib/core/policy/rate-limiter.js';
import type { RateLimiterOptions } from '../../lib/core/policy/rate-settings.js';
import { obeysTheOperatorLaws } from '../../lib/testing/laws.js';
import { operatorObeysTheFlowRules } from '../../lib/testing/operator-rules.js';
import { limitRate } from '../../operators/limit-rate.js';
import { HandClock } from '../http/hand-clock.js';
import { gc } from '../support/gc.js';
import { marble } from '../support/marble.js';

const wide = { limit: 1_000_000 };

function byHand(options: RateLimiterOptions) {
  const clock = new HandClock();
  const limiter = createRateLimiter({ ...options, clock });
  const starts: number[] = [];
  const startedAt = clock.now();
  const call$ = new Observable<number>((subscriber) => {
    starts.push(clock.now() - startedAt);
    subscriber.complete();
  });
  const errors: unknown[] = [];
  const call = () => call$.pipe(limitRate(limiter)).subscribe({ error: (error: unknown) => errors.push(error) });
  return { clock, limiter, starts, errors, call };
}

const times = <R>(n: number, run: () => R): R[] => Array.from({ length: n }, run);

describe('limitRate', () => {
  obeysTheOperatorLaws((clock) => limitRate(createRateLimiter({ ...wide, clock })), { it, expect });

  describe('in a Flow', () => {
    operatorObeysTheFlowRules(() => limitRate(createRateLimiter(wide)), { it, expect, gc });
  });

  marble('starts calls one interval apart, in the order of their coming', (t) => {
    const limiter = createRateLimiter({ limit: 2, windowMs: 10, clock: t.clock });
    const calls = ['a', 'b', 'c'].map((value) => t.cold('-v|', { v: value }));
    const expected = '       -a----b----(c) ';

    t.expectObservable(merge(...calls.map((call) => call.pipe(limitRate(limiter))), NEVER)).toBe(expected);
    t.expectSubscriptions(calls[0]!.subscriptions).toBe('^-!');
    t.expectSubscriptions(calls[1]!.subscriptions).toBe('-----^-!');
    t.expectSubscriptions(calls[2]!.subscriptions).toBe('----------^-!');
  });

  marble('lets a burst start at once after a quiet time, then one per interval', (t) => {
    const limiter = createRateLimiter({ limit: 2, windowMs: 10, burst: 2, clock: t.clock });
    const call = t.cold('-|');

    t.expectObservable(merge(...times(3, () => call.pipe(limitRate(limiter))))).toBe('------|');
    t.expectSubscriptions(call.subscriptions).toBe(['^!', '^!', '-----^!']);
  });

  marble('lets the whole limit start at once with a log, and the next one a window after the first', (t) => {
    const limiter = createRateLimiter({ limit: 2, windowMs: 10, algorithm: 'log', clock: t.clock });
    const call = t.cold('-|');

    t.expectObservable(merge(...times(4, () => call.pipe(limitRate(limiter))))).toBe('-----------|');
    t.expectSubscriptions(call.subscriptions).toBe(['^!', '^!', '----------^!', '----------^!']);
  });

  marble('turns a call away at once that would wait longer than queueMs, and says when to come back', (t) => {
    const limiter = createRateLimiter({ limit: 1, windowMs: 10, queueMs: 9, clock: t.clock });
    const call = t.cold('-|');

    t.expectObservable(call.pipe(limitRate(limiter))).toBe('-|');
    const refused: RejectedError[] = [];
    const refuse = (error: RejectedError) => refused.push(error);
    t.clock.after(0, () => call.pipe(limitRate(limiter)).subscribe({ error: refuse }));
    t.flush();
    expect(refused).toHaveLength(1);
    expect(refused[0]).toBeInstanceOf(RejectedError);
    expect(refused[0]).toMatchObject({ why: 'rate-limited', retryAfterMs: 10, transient: false });
    t.expectSubscriptions(call.subscriptions).toBe('^!');
  });

  it('turns a call away at once that finds maxWaiting others', () => {
    const { call, errors, limiter } = byHand({ limit: 1, maxWaiting: 2, queueMs: Infinity });
    times(5, call);
    expect(errors).toHaveLength(2);
    expect(errors[0]).toMatchObject({ why: 'rate-limited', retryAfterMs: 3000 });
    expect(limiter.state).toMatchObject({ waiting: 2, started: 1, rejected: 2 });
  });

  it('says when to come back to one that finds more than a window of others', () => {
    const { call, errors } = byHand({ limit: 2, windowMs: 10, algorithm: 'log', maxWaiting: 5 });
    times(8, call);
    expect(errors).toMatchObject([{ retryAfterMs: 30 }]);
  });

  it('lets nobody wait with maxWaiting: 0', () => {
    const { call, errors, clock, starts } = byHand({ limit: 1, windowMs: 10, maxWaiting: 0 });
    times(2, call);
    clock.advance(10);
    call();
    expect([errors.length, starts]).toEqual([1, [0, 10]]);
  });

  it('gives the turn of one that leaves to the next, at once', () => {
    const { call, clock, starts, limiter } = byHand({ limit: 1, windowMs: 10 });
    const [, second, third] = times(4, call);
    clock.advance(5);
    second!.unsubscribe();
    third!.unsubscribe();
    expect(limiter.state.waiting).toBe(1);
    clock.advance(5);
    expect(starts).toEqual([0, 10]);
  });

  it('never holds back a call that has started', () => {
    const { limiter } = byHand({ limit: 1, windowMs: 1000 });
    const source = new Subject<number>();
    const seen: number[] = [];
    source.pipe(limitRate(limiter)).subscribe((value) => seen.push(value));
    for (let n = 0; n < 5; n++) source.next(n);
    expect(seen).toEqual([0, 1, 2, 3, 4]);
  });

  it('takes a start for each subscription, none when it is put together', () => {
    const { limiter } = byHand({ limit: 1, burst: 3 });
    const call$ = EMPTY.pipe(limitRate(limiter));
    expect(limiter.state.started).toBe(0);
    call$.pipe(repeat(3)).subscribe();
    expect(limiter.state.started).toBe(3);
  });
});

describe('a hundred thousand calls that wait for limitRate', () => {
  it('start in one go when they may, and do not pile up on the stack', () => {
    const { call, limiter, starts } = byHand({
      limit: 200_000,
      algorithm: 'log',
      queueMs: Infinity,
      maxWaiting: Infinity,
    });
    limiter.heed({ left: [{ policy: 'a', left: 0, forMs: 1000 }] });
    times(100_000, call);
    expect(limiter.state.waiting).toBe(100_000);
    limiter.heed({ left: [{ policy: 'a', left: 100_000, forMs: 1000 }] });
    expect([starts.length, limiter.state.waiting]).toEqual([100_000, 0]);
  });
});

describe('the timer of limitRate', () => {
  it('is one, however many wait, and none when the last has left', () => {
    const { call, clock } = byHand({ limit: 10, queueMs: Infinity });
    const after = vi.spyOn(clock, 'after');
    const calls = times(500, call);
    expect([clock.pending, after.mock.calls.length]).toEqual([1, 1]);
    clock.advance(1000);
    expect(clock.pending).toBe(1);
    for (const one of calls) one.unsubscribe();
    expect(clock.pending).toBe(0);
  });

  it('never spins, however small the rest of the wait', () => {
    let timers = 0;
    let nowMs = 1_700_000_000_000.1;
    let run = () => undefined as void;
    const clock = {
      now: () => nowMs,
      after: (ms: number, then: () => void) => (
        (run = then),
        timers++,
        expect(ms).toBeGreaterThanOrEqual(1),
        () => undefined
      ),
    };
    const own = createRateLimiter({ limit: 1, windowMs: 10, clock });
    times(2, () => EMPTY.pipe(limitRate(own)).subscribe());
    nowMs += 9.999;
    run();
    expect([timers, own.state.waiting]).toEqual([2, 1]);
    nowMs += 1;
    run();
    expect([timers, own.state.waiting]).toEqual([2, 0]);
  });

  it('that is late puts off no call behind it by up to a millisecond', () => {
    const { call, clock, starts } = byHand({ limit: 400, queueMs: Infinity });
    times(401, call);
    clock.advance(1000);
    expect(starts.length).toBe(401);
  });
});

describe('the bugs of other rate limiters', () => {
  // p-queue #236; its strict mode is in vectors/limit-rate.test.ts.
  it('a fixed window that lets twice the limit through at its edge (p-queue: 19 starts in 190 ms with a cap of 10)', () => {
    for (const algorithm of ['gcra', 'log'] as const) {
      const { call, clock, starts } = byHand({ limit: 10, windowMs: 100, algorithm, queueMs: 60_000 });
      call();
      clock.advance(95);
      times(40, call);
      clock.advance(1000);
      const most = Math.max(...starts.map((from) => starts.filter((at) => at >= from && at < from + 100).length));
      expect([algorithm, most]).toEqual([algorithm, 10]);
    }
  });

  it('one call more than allowed in an interval (limiter #25)', () => {
    const { call, clock, starts } = byHand({ limit: 3, windowMs: 60_000, algorithm: 'log', queueMs: Infinity });
    times(9, call);
    clock.advance(119_999);
    expect(starts).toEqual([0, 0, 0, 60_000, 60_000, 60_000]);
  });

  it('acquisition when the call is put together (resilience4j #311 #336)', () => {
    const { limiter } = byHand({ limit: 1 });
    times(100, () => of(1).pipe(limitRate(limiter)));
    expect(limiter.state).toMatchObject({ started: 0, waiting: 0 });
  });

  it('an abandoned waiter that keeps its permit (failsafe-java #393)', () => {
    const { call, clock, starts } = byHand({ limit: 1, windowMs: 10, queueMs: 1000 });
    const calls = times(50, call);
    for (const one of calls.slice(1, -1)) one.unsubscribe();
    clock.advance(10);
    expect(starts).toEqual([0, 10]);
  });
});

describe('the events of limitRate', () => {
  it('tell of each decision', () => {
    const { call, limiter, clock } = byHand({ limit: 1, maxWaiting: 1, name: 'search' });
    const told: PolicyEvent[] = [];
    const listening = policyEvents.subscribe((event) => told.push(event));
    times(3, call);
    limiter.configure({ limit: 2 });
    limiter.heed({ retryAfterMs: 5000 });
    listening.unsubscribe();
    const common = { policy: 'limitRate', name: 'search', atMs: clock.now() };
    expect(told).toEqual([
      { ...common, type: 'queued', waiting: 1 },
      { ...common, type: 'rejected', why: 'rate-limited' },
      { ...common, type: 'limit', from: 1, to: 2 },
      { ...common, type: 'held', untilMs: expect.any(Number) },
    ]);
  });
});

describe('what limitRate is given', () => {
  it('is refused when it is no rate limiter', () => {
    expect(() => limitRate({} as RateLimiter)).toThrow(ConfigError);
    expect(() => limitRate(undefined as unknown as RateLimiter)).toThrow('limitRate.limiter: must be what');
  });
});
