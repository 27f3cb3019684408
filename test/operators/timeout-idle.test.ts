import { describe, expect, it } from 'vitest';

import { fromIterable } from '../../lib/core/from-iterable.js';
import { ConfigError, NetworkError, TimeoutError } from '../../lib/core/errors.js';
import { type PolicyEvent, policyEvents } from '../../lib/core/policy/policy-events.js';
import { PROGRESS } from '../../lib/core/progress.js';
import { probe } from '../../lib/testing/flow-probe.js';
import { obeysTheOperatorLaws } from '../../lib/testing/laws.js';
import { operatorObeysTheFlowRules } from '../../lib/testing/operator-rules.js';
import { timeoutIdle } from '../../operators/timeout-idle.js';
import { gc } from '../support/gc.js';
import { marble } from '../support/marble.js';
import { HandClock, Steered } from '../support/steered.js';

const silent = (ms: number) => new TimeoutError('idle', ms, {}, 'timeoutIdle.idleMs');

describe('timeoutIdle', () => {
  // Of the laws' sources, one says nothing for ever: that is what this operator is for.
  obeysTheOperatorLaws((clock) => timeoutIdle({ clock }), { it, expect, except: ['silent'] });
  operatorObeysTheFlowRules(() => timeoutIdle(), { it, expect, gc });

  marble('fails when the next value takes too long, and leaves the source', (t) => {
    const source = t.cold('  --a--b-------c');
    const expected = '       --a--b---#';

    const result = source.pipe(timeoutIdle({ idleMs: 4, clock: t.clock }));
    t.expectObservable(result).toBe(expected, undefined, silent(4));
    t.expectSubscriptions(source.subscriptions).toBe('^--------!');
  });

  marble('times the first value too', (t) => {
    const expected = '----#';
    t.expectObservable(t.cold('').pipe(timeoutIdle({ idleMs: 4, clock: t.clock }))).toBe(
      expected,
      undefined,
      silent(4),
    );
  });

  marble('starts anew with each progress event', (t) => {
    const values = { p: { [PROGRESS]: true }, a: 'answer' };
    const source = t.cold('  --p--p--p--a|', values);
    const expected = '       --p--p--p--a|';

    t.expectObservable(source.pipe(timeoutIdle({ idleMs: 4, clock: t.clock }))).toBe(expected, values);
  });

  marble('passes the end on and times nothing after it', (t) => {
    const lost = new NetworkError('connection reset', 'receive');
    const operator = timeoutIdle<string>({ idleMs: 4, clock: t.clock });
    t.expectObservable(t.cold('--a--|').pipe(operator)).toBe('--a--|');
    t.expectObservable(t.cold('--a--#', undefined, lost).pipe(operator)).toBe('--a--#', undefined, lost);
  });

  marble('tells of it', (t) => {
    const told: PolicyEvent[] = [];
    const following = policyEvents.subscribe((event) => told.push(event));
    const operator = timeoutIdle<string>({ idleMs: 5, name: 'feed', clock: t.clock });
    t.cold('')
      .pipe(operator)
      .subscribe({ error: () => undefined });
    const atMs = t.clock.now() + 5;
    t.flush();
    following.unsubscribe();
    expect(told).toEqual([{ type: 'timeout', policy: 'timeoutIdle', name: 'feed', atMs, which: 'idle', limitMs: 5 }]);
  });

  it('refuses a wrong limit, naming the field', () => {
    expect(() => timeoutIdle({ idleMs: -1 })).toThrow(ConfigError);
    expect(() => timeoutIdle(NaN)).toThrow('timeoutIdle.idleMs: must be a number, 0 or more, not NaN');
  });
});

describe('the time that timeoutIdle counts', () => {
  it('stands still while nothing is asked for, and begins anew with the next request', () => {
    const clock = new HandClock();
    const source = new Steered<number>();
    const below = probe(source.flow.via(timeoutIdle({ idleMs: 10, clock })));
    clock.pass(100);
    below.request(2);
    clock.pass(9);
    source.to.onNext(1);
    clock.pass(9);
    source.to.onNext(2);
    clock.pass(100);
    expect([below.calls, clock.timers]).toEqual([['onSubscribe', 'onNext', 'onNext'], 0]);
    below.request(1);
    clock.pass(9);
    expect(below.ending).toBeUndefined();
    clock.pass(1);
    expect([below.error, source.runs[0]!.cancelled, clock.timers]).toEqual([silent(10), true, 0]);
  });

  it('does not hold the time against the source that the consumer takes for a value', () => {
    const clock = new HandClock();
    const source = new Steered<number>();
    let now = 0;
    const busy = { now: () => clock.now() + now, after: clock.after.bind(clock) };
    // 50 ms of work in each value: no timer can run meanwhile, and all are late afterwards.
    const below = probe(source.flow.via(timeoutIdle({ idleMs: 10, clock: busy })), 9, () => void (now += 50));
    source.to.onNext(1);
    source.to.onNext(2);
    clock.pass(9);
    expect(below.ending).toBeUndefined();
    clock.pass(1);
    expect(below.ending).toBe('error');
  });

  it('leaves no timer when the consumer cancels within a value', () => {
    const clock = new HandClock();
    const source = new Steered<number>();
    const below = probe(source.flow.via(timeoutIdle({ idleMs: 10, clock })), 9, (one) => one.cancel());
    source.to.onNext(1);
    expect([clock.timers, source.runs[0]!.cancelled, below.values]).toEqual([0, true, [1]]);
  });

  it('passes a million values that come at once, on one timer', () => {
    const clock = new HandClock();
    let timers = 0;
    const counting = {
      now: () => clock.now(),
      after: (ms: number, run: () => void) => (timers++, clock.after(ms, run)),
    };
    const million = {
      *[Symbol.iterator]() {
        for (let n = 0; n < 1_000_000; n++) yield n;
      },
    };
    let last = 0;
    fromIterable(million)
      .pipe(timeoutIdle({ clock: counting }))
      .subscribe((n) => void (last = n));
    expect([last, timers, clock.timers]).toEqual([999_999, 1, 0]);
  });
});
