import { NEVER, Observable, Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { ConfigError, NetworkError, RejectedError } from '../../lib/core/errors.js';
import {
  type AdaptiveLimit,
  type AdaptiveLimitOptions,
  type AdaptiveLimitSnapshot,
  createAdaptiveLimit,
} from '../../lib/core/policy/adaptive-limit.js';
import { createBulkhead } from '../../lib/core/policy/bulkhead.js';
import { type PolicyEvent, policyEvents } from '../../lib/core/policy/policy-events.js';
import { obeysTheOperatorLaws } from '../../lib/testing/laws.js';
import { operatorObeysTheFlowRules } from '../../lib/testing/operator-rules.js';
import { adaptConcurrency } from '../../operators/adapt-concurrency.js';
import { limitConcurrency } from '../../operators/limit-concurrency.js';
import { HandClock } from '../http/hand-clock.js';
import { gc } from '../support/gc.js';
import { marble } from '../support/marble.js';

const lost = new NetworkError('connection reset', 'receive');

/** Calls side by side under a limit, each of which ends after a time: a window of them at once. */
function bench(options: AdaptiveLimitOptions = {}) {
  const clock = new HandClock();
  const limit = createAdaptiveLimit({ clock, ...options });
  const call = (ms: number, end: 'complete' | 'fail' | 'leave' | 'refuse' = 'complete') => {
    const answer$ = new Observable<never>((subscriber) => {
      return clock.after(ms, () => {
        if (end === 'fail') subscriber.error(lost);
        else if (end === 'refuse') subscriber.error(new RejectedError('queue-full', 'elsewhere'));
        else subscriber.complete();
      });
    });
    const one = answer$.pipe(adaptConcurrency(limit)).subscribe({ error: () => undefined });
    if (end === 'leave') clock.after(ms / 2, () => one.unsubscribe());
  };
  /** So many calls at once, again and again for a second. */
  const second = (ms: number, calls: number, end?: 'complete' | 'fail' | 'leave' | 'refuse') => {
    for (let at = 0; at < 1000; at += ms) {
      for (let n = 0; n < calls; n++) call(ms, end);
      clock.advance(ms);
    }
  };
  return { clock, limit, call, second };
}

describe('adaptConcurrency', () => {
  obeysTheOperatorLaws((clock) => adaptConcurrency(createAdaptiveLimit({ clock })), { it, expect });

  describe('in a Flow', () => {
    operatorObeysTheFlowRules(() => adaptConcurrency(createAdaptiveLimit()), { it, expect, gc });
  });

  marble('runs as many as the limit says, and the next one when one ends', (t) => {
    const limit = createAdaptiveLimit({ initial: 1, clock: t.clock });
    const first = t.cold(' --a|');
    const second = t.cold('   -b|');

    t.expectObservable(first.pipe(adaptConcurrency(limit))).toBe('--a|');
    t.expectObservable(second.pipe(adaptConcurrency(limit))).toBe('----b|');
    t.expectSubscriptions(first.subscriptions).toBe('^--!');
    t.expectSubscriptions(second.subscriptions).toBe('---^-!');
  });

  it('raises the limit while calls take as long as usual', () => {
    const { limit, second } = bench();
    for (let n = 0; n < 10; n++) second(100, limit.limit);
    expect(limit.limit).toBeGreaterThan(25);
    expect(limit.state).toEqual({ limit: limit.limit, shortMs: 100, longMs: 100 });
  });

  it('lowers it when they take longer', () => {
    const { limit, second } = bench();
    for (let n = 0; n < 12; n++) second(50, 20);
    const before = limit.limit;
    for (let n = 0; n < 5; n++) second(250, before);
    expect(limit.limit).toBeLessThan(before * 0.7);
  });

  it('lowers it by a tenth for each window with failures, though none of them says how long calls take', () => {
    const { limit, second } = bench();
    second(100, 10);
    const before = limit.limit;
    second(100, 10, 'fail');
    second(100, 10, 'fail');
    expect(limit.limit).toBeLessThanOrEqual(Math.floor(before * 0.9));
    for (let n = 0; n < 60; n++) second(100, 10, 'fail');
    expect(limit.limit).toBe(1);
  });

  it('learns nothing from calls that are left or turned away', () => {
    const { limit, second } = bench();
    for (let n = 0; n < 5; n++) second(100, 10, 'leave');
    for (let n = 0; n < 5; n++) second(100, 10, 'refuse');
    expect(limit.state).toEqual({ limit: 20, shortMs: undefined, longMs: undefined });
  });

  it('does not count the wait for a place', () => {
    const { limit, clock, call } = bench({ initial: 5, max: 5 });
    for (let n = 0; n < 15; n++) call(500);
    clock.advance(2000);
    expect(limit.state.shortMs ?? 500).toBe(500);
    for (let n = 0; n < 15; n++) call(500);
    clock.advance(2000);
    expect(limit.state.shortMs).toBe(500);
  });

  it('stays at the limit while it is used by less than half', () => {
    const { limit, second } = bench({ initial: 100 });
    for (let n = 0; n < 20; n++) second(100, 10);
    expect(limit.limit).toBe(100);
  });

  it('starts what waits when the limit rises', () => {
    const limit = createAdaptiveLimit({ initial: 2, clock: new HandClock() });
    const started: number[] = [];
    for (let n = 0; n < 4; n++) {
      new Observable(() => void started.push(n)).pipe(adaptConcurrency(limit)).subscribe();
    }
    expect(started).toEqual([0, 1]);
    limit.configure({ min: 3 });
    expect(started).toEqual([0, 1, 2]);
  });

  it('has one bulkhead per limit, whoever uses it', () => {
    const limit = createAdaptiveLimit({ initial: 2 });
    const started: string[] = [];
    for (const name of ['a', 'b', 'c']) {
      new Observable(() => void started.push(name)).pipe(adaptConcurrency(limit, { key: name })).subscribe();
    }
    expect(started).toEqual(['a', 'b']);
  });

  it('is limitConcurrency on a bulkhead with that limit', () => {
    const limit = createAdaptiveLimit({ initial: 1 });
    const bulkhead = createBulkhead({ limit, maxWaiting: 0 });
    NEVER.pipe(limitConcurrency(bulkhead)).subscribe();
    expect(bulkhead.state).toMatchObject({ limit: 1, running: 1 });
  });
});

describe('an adaptive limit', () => {
  it('tells of its limit now, and of each change', () => {
    const { limit, second } = bench();
    const seen: number[] = [];
    const told: PolicyEvent[] = [];
    limit.changes.subscribe((now) => seen.push(now));
    const listening = policyEvents.subscribe((event) => event.type === 'limit' && told.push(event));
    for (let n = 0; n < 4; n++) second(100, 15);
    listening.unsubscribe();
    expect(seen[0]).toBe(20);
    expect(seen.length).toBeGreaterThan(1);
    expect(seen).toEqual([...new Set(seen)]);
    expect(told.map((event) => event.type === 'limit' && [event.policy, event.from, event.to])).toEqual(
      seen.slice(1).map((to, index) => ['adaptConcurrency', seen[index], to]),
    );
  });

  it('keeps what it has learnt when its settings change, within the new bounds', () => {
    const { limit, second } = bench();
    for (let n = 0; n < 5; n++) second(100, 15);
    limit.configure({ max: 10, tolerance: 2 });
    expect(limit.state).toMatchObject({ limit: 10, longMs: 100 });
    expect(() => limit.configure({ min: 11 })).toThrow('configure.max');
    expect(() => limit.configure({ initial: 5 } as object)).toThrow('configure.initial');
    expect(limit.limit).toBe(10);
  });

  it('goes on from what was saved', () => {
    const { limit, second } = bench();
    for (let n = 0; n < 5; n++) second(100, 15);
    const saved = JSON.parse(JSON.stringify(limit.snapshot())) as AdaptiveLimitSnapshot;
    const after = createAdaptiveLimit();
    after.restore(saved);
    expect(after.snapshot()).toEqual(saved);
    expect([after.limit, after.state.longMs]).toEqual([limit.limit, 100]);
    const fresh = createAdaptiveLimit();
    fresh.restore(JSON.parse(JSON.stringify(createAdaptiveLimit().snapshot())) as AdaptiveLimitSnapshot);
    expect(fresh.state).toEqual({ limit: 20, shortMs: undefined, longMs: undefined });
  });

  it.each([
    [{ version: '1' }, 'restore.version'],
    [{ estimate: null }, 'restore.estimate'],
    [{ longMs: 'x' }, 'restore.longMs'],
    [{ windows: -1 }, 'restore.windows'],
  ])('refuses the snapshot %o, naming the field', (wrong, field) => {
    const limit = createAdaptiveLimit();
    const snapshot = { ...limit.snapshot(), ...wrong } as AdaptiveLimitSnapshot;
    expect(() => limit.restore(snapshot)).toThrow(ConfigError);
    expect(() => limit.restore(snapshot)).toThrow(`${field}:`);
  });

  it('keeps no timer, and no listener when nothing waits', () => {
    const { clock, limit, second } = bench();
    second(100, 15);
    new Subject().pipe(adaptConcurrency(limit)).subscribe().unsubscribe();
    expect(clock.pending).toBe(0);
  });
});

describe('what adaptConcurrency is given', () => {
  it('is refused when it is no adaptive limit', () => {
    expect(() => adaptConcurrency({} as AdaptiveLimit)).toThrow(ConfigError);
    expect(() => adaptConcurrency({} as AdaptiveLimit)).toThrow('adaptConcurrency.limit: must be what');
  });

  it('is refused when an option is wrong', () => {
    expect(() => adaptConcurrency(createAdaptiveLimit(), { cost: 0.5 })).toThrow('adaptConcurrency.cost');
  });
});
