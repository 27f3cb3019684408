import fc from 'fast-check';
import { Observable, Subject, type Subscription } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { ConfigError } from '../../lib/core/errors.js';
import type { RateHint } from '../../lib/core/policy/rate-hint.js';
import { createRateLimiter, type RateLimiterSnapshot } from '../../lib/core/policy/rate-limiter.js';
import type { RateLimiterSettings, RateLimiterOptions } from '../../lib/core/policy/rate-settings.js';
import { limitRate } from '../../operators/limit-rate.js';
import { HandClock } from '../http/hand-clock.js';

type Step =
  | { readonly do: 'call' | 'complete' | 'fail' | 'leave'; readonly which: number }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'heed'; readonly hint: RateHint }
  | { readonly do: 'configure'; readonly changes: RateLimiterSettings };

const which = fc.nat(20);
const calls = fc.record({
  do: fc.constantFrom('call' as const, 'call' as const, 'complete' as const, 'fail' as const, 'leave' as const),
  which,
});
const waits = fc.record({ do: fc.constant('wait' as const), ms: fc.nat(80) });
const left = fc.record({ policy: fc.constantFrom('a', 'b'), left: fc.nat(4), forMs: fc.nat(200) });
const hint: fc.Arbitrary<RateHint> = fc.oneof(
  fc.record({ retryAfterMs: fc.nat(100) }),
  fc.record({ left: fc.array(left, { minLength: 1, maxLength: 2 }) }),
);
const heeds = fc.record({ do: fc.constant('heed' as const), hint });
const changes = fc.record({ limit: fc.integer({ min: 1, max: 6 }), windowMs: fc.integer({ min: 1, max: 120 }) });
const configures = fc.record({ do: fc.constant('configure' as const), changes });

interface Call {
  readonly subscription: Subscription;
  readonly source: Subject<never>;
  /** When it started; `undefined` while it waits. */
  startedMs: number | undefined;
  end: string | undefined;
}

/** Does the steps, and asks after each one whether the figures are right. */
function play(options: RateLimiterOptions, steps: readonly Step[]) {
  const clock = new HandClock();
  const limiter = createRateLimiter({ clock, random: () => 0, ...options });
  const all: Call[] = [];
  const order: number[] = [];
  const live = () => all.filter(({ end }) => end === undefined);
  const make = (): void => {
    const source = new Subject<never>();
    const call = { source, startedMs: undefined, end: undefined } as Call & { subscription: Subscription };
    const index = all.push(call) - 1;
    const started$ = new Observable<never>((subscriber) => {
      call.startedMs = clock.now();
      order.push(index);
      return source.subscribe(subscriber);
    });
    call.subscription = started$
      .pipe(limitRate(limiter))
      .subscribe({ error: () => (call.end ??= 'error'), complete: () => (call.end ??= 'complete') });
  };
  const check = (): void => {
    const { waiting, started, rejected } = limiter.state;
    expect(waiting).toBe(live().filter(({ startedMs }) => startedMs === undefined).length);
    expect(started).toBe(order.length);
    expect(rejected).toBe(all.filter(({ end, startedMs }) => end === 'error' && startedMs === undefined).length);
    expect(clock.pending).toBe(waiting > 0 ? 1 : 0);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
  };
  for (const step of steps) {
    if (step.do === 'call') make();
    else if (step.do === 'wait') clock.advance(step.ms);
    else if (step.do === 'heed') limiter.heed(step.hint);
    else if (step.do === 'configure') limiter.configure(step.changes);
    else act(live(), step.do, step.which);
    check();
  }
  for (const call of live()) call.subscription.unsubscribe();
  expect([limiter.state.waiting, clock.pending]).toEqual([0, 0]);
  expect(all.every(({ source }) => !source.observed)).toBe(true);
  return { starts: order.map((index) => all[index]!.startedMs!), all, clock };
}

function act(live: readonly Call[], what: 'complete' | 'fail' | 'leave', index: number): void {
  const call = live[index % live.length];
  if (!call) return;
  if (what === 'leave') {
    call.end = 'left';
    call.subscription.unsubscribe();
  } else if (call.startedMs !== undefined) {
    if (what === 'fail') call.source.error(new Error('lost'));
    else call.source.complete();
  }
}

/** The most starts in any window of that length, its end not included. */
function densest(starts: readonly number[], windowMs: number): number {
  return Math.max(0, ...starts.map((from) => starts.filter((at) => at >= from && at - from < windowMs - 1e-3).length));
}

const rates = fc.record({ limit: fc.integer({ min: 1, max: 6 }), windowMs: fc.integer({ min: 6, max: 120 }) });
const queue = fc.record({ maxWaiting: fc.nat(8), queueMs: fc.constantFrom(0, 30, 300, Infinity) });
const fixed: fc.Arbitrary<Step[]> = fc.array(fc.oneof(calls, waits, heeds), { maxLength: 60 });
const changing: fc.Arbitrary<Step[]> = fc.array(fc.oneof(calls, waits, heeds, configures), { maxLength: 60 });
const runs = { numRuns: 1500 };

describe('thousands of interleavings in limitRate', () => {
  it('never start more than the limit in any window, with a log', () => {
    const all = fc.tuple(rates, queue, fixed);
    fc.assert(
      fc.property(all, ([rate, bounds, steps]) => {
        const { starts } = play({ ...rate, ...bounds, algorithm: 'log' }, steps);
        expect(densest(starts, rate.windowMs)).toBeLessThanOrEqual(rate.limit);
      }),
      runs,
    );
  });

  it('never start more than limit + burst - 1 in any window, with GCRA', () => {
    const all = fc.tuple(rates, queue, fixed, fc.integer({ min: 1, max: 4 }));
    fc.assert(
      fc.property(all, ([rate, bounds, steps, burst]) => {
        const { starts } = play({ ...rate, ...bounds, burst }, steps);
        // Timers keep to whole milliseconds, and what they are late by is made up for.
        expect(densest(starts, rate.windowMs - 1)).toBeLessThanOrEqual(rate.limit + burst - 1);
      }),
      runs,
    );
  });

  it('keep count of what starts, waits and is refused, also when the limit changes', () => {
    const algorithm = fc.constantFrom('gcra' as const, 'log' as const);
    fc.assert(
      fc.property(fc.tuple(rates, queue, changing, algorithm), ([rate, bounds, steps, by]) => {
        play({ ...rate, ...bounds, algorithm: by }, steps);
      }),
      runs,
    );
  });

  it('start all that wait, sooner or later', () => {
    fc.assert(
      fc.property(fc.tuple(rates, fixed), ([rate, steps]) => {
        const { all } = play({ ...rate, queueMs: Infinity }, [...steps, { do: 'wait', ms: 60_000 }]);
        expect(all.filter(({ startedMs, end }) => startedMs === undefined && end !== 'left')).toEqual([]);
      }),
      runs,
    );
  });
});

describe('a rate limiter that is saved', () => {
  const save = (snapshot: RateLimiterSnapshot) => JSON.parse(JSON.stringify(snapshot)) as RateLimiterSnapshot;

  it.each(['gcra', 'log'] as const)('goes on where it was, by %s', (algorithm) => {
    const clock = new HandClock();
    const options = { limit: 2, windowMs: 1000, algorithm, queueMs: Infinity, random: () => 0, clock };
    const before = createRateLimiter(options);
    const call$ = new Observable<never>();
    for (let n = 0; n < 2; n++) call$.pipe(limitRate(before)).subscribe();
    clock.advance(600);
    before.heed({ left: [{ policy: 'a', left: 0, forMs: 4000, partition: 'AA==' }] });
    const after = createRateLimiter(options);
    after.restore(save(before.snapshot()));
    expect(after.state).toEqual({ ...before.state, waiting: 0 });
    expect(after.state.opensAtMs).toBe(clock.now() + 4000);
    expect(after.snapshot()).toEqual(before.snapshot());
  });

  it('starts what waits in the one it is restored into, when that lets it', () => {
    const clock = new HandClock();
    const fresh = createRateLimiter({ limit: 1, clock }).snapshot();
    const limiter = createRateLimiter({ limit: 1, queueMs: Infinity, clock });
    limiter.heed({ retryAfterMs: 1000 });
    new Observable<never>().pipe(limitRate(limiter)).subscribe();
    limiter.restore(fresh);
    expect([limiter.state.waiting, clock.pending]).toEqual([0, 0]);
  });

  it.each([
    [{ version: 2 }, 'restore.version'],
    [{ algorithm: 'log' }, 'restore.algorithm'],
    [{ starts: 'none' }, 'restore.starts'],
    [{ starts: [NaN] }, 'restore.starts.0'],
    [{ closedUntilMs: '1' }, 'restore.closedUntilMs'],
    [{ quotas: [null] }, 'restore.quotas.0'],
    [{ quotas: [{ policy: 'a', partition: 1 }] }, 'restore.quotas.0'],
    [{ quotas: [{ policy: 'a', partition: null, left: 'x', untilMs: 1 }] }, 'restore.quotas.0.left'],
    [{ started: -1 }, 'restore.started'],
    [{ more: 1 }, 'restore.more'],
  ])('refuses %o, naming the field', (wrong, field) => {
    const limiter = createRateLimiter({ limit: 1 });
    const snapshot = { ...limiter.snapshot(), ...wrong } as RateLimiterSnapshot;
    expect(() => limiter.restore(snapshot)).toThrow(ConfigError);
    expect(() => limiter.restore(snapshot)).toThrow(`${field}:`);
    expect(() => limiter.restore(null as never)).toThrow('restore:');
  });
});

describe('the options of createRateLimiter', () => {
  it.each([
    [{}, 'createRateLimiter.limit: must be a whole number from 1, not undefined'],
    [{ limit: 0 }, 'createRateLimiter.limit'],
    [{ limit: Infinity }, 'createRateLimiter.limit'],
    [{ limit: 1, windowMs: 0 }, 'createRateLimiter.windowMs'],
    [{ limit: 1, burst: 1.5 }, 'createRateLimiter.burst'],
    [{ limit: 1, algorithm: 'bucket' }, "createRateLimiter.algorithm: must be 'gcra' or 'log', not bucket"],
    [{ limit: 1, algorithm: 'log', burst: 2 }, 'createRateLimiter.burst: leave it out'],
    [{ limit: 1, maxWaiting: -1 }, 'createRateLimiter.maxWaiting'],
    [{ limit: 1, queueMs: NaN }, 'createRateLimiter.queueMs'],
    [{ limit: 1, window: 5 }, 'did you mean "windowMs"?'],
  ])('refuse %o', (options, message) => {
    expect(() => createRateLimiter(options as RateLimiterOptions)).toThrow(message);
  });

  it('are checked again when they change, and none is kept of a change that is refused', () => {
    const limiter = createRateLimiter({ limit: 5 });
    expect(() => limiter.configure({ limit: 9, queueMs: -1 })).toThrow('configure.queueMs');
    expect(() => limiter.configure({ clock: new HandClock() } as RateLimiterSettings)).toThrow('configure.clock');
    expect(limiter.state.limit).toBe(5);
  });

  it('that change let no burst start that was not saved up', () => {
    const clock = new HandClock();
    const limiter = createRateLimiter({ limit: 1, windowMs: 1000, clock });
    new Observable<never>().pipe(limitRate(limiter)).subscribe();
    limiter.configure({ burst: 3 });
    expect(limiter.state.opensAtMs).toBe(clock.now() + 1000);
  });

  it('that change keep what has started, and let those start at once that now may', () => {
    const clock = new HandClock();
    const limiter = createRateLimiter({ limit: 1, windowMs: 1000, algorithm: 'log', clock });
    const seen: number[] = [];
    limiter.changes.subscribe(({ started }) => seen.push(started));
    for (let n = 0; n < 2; n++) new Observable<never>().pipe(limitRate(limiter)).subscribe();
    limiter.configure({ limit: 2 });
    expect(limiter.state).toMatchObject({ limit: 2, started: 2, waiting: 0, opensAtMs: clock.now() + 1000 });
    expect(seen.at(-1)).toBe(2);
  });
});
