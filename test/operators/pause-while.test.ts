import { BehaviorSubject, concat, defer, EMPTY, NEVER, type Observable, of, Subject, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { ConfigError } from '../../lib/core/errors.js';
import { FLOW, type Flow } from '../../lib/core/flow.js';
import type { Overflow } from '../../lib/core/overflow.js';
import { type PolicyEvent, policyEvents } from '../../lib/core/policy/policy-events.js';
import { Probe } from '../../lib/testing/flow-probe.js';
import { obeysTheOperatorLaws } from '../../lib/testing/laws.js';
import { operatorObeysTheFlowRules } from '../../lib/testing/operator-rules.js';
import { pauseWhile } from '../../operators/pause-while.js';
import { gc } from '../support/gc.js';
import { marble } from '../support/marble.js';
import { HandClock } from '../support/steered.js';

const foreign = new Error('foreign');
/** The publisher of what an operator made. */
const flowOf = <T>(made: Observable<T>) => (made as Flow<T>)[FLOW];
const states = { p: true, r: false };

describe('pauseWhile', () => {
  obeysTheOperatorLaws(() => pauseWhile(NEVER), { it, expect });
  operatorObeysTheFlowRules(() => pauseWhile(of(false)), { it, expect, gc });

  marble('keeps values while it is paused, and passes them on after it, in order', (t) => {
    const source = t.cold('  -a-b-c-----d|');
    const paused = t.cold('  --p---r', states);
    const expected = '       -a----(bc)-d|';

    t.expectObservable(source.pipe(pauseWhile(paused))).toBe(expected);
    t.expectSubscriptions(source.subscriptions).toBe('^-----------!');
    t.expectSubscriptions(paused.subscriptions).toBe('^-----------!');
  });

  marble('is not paused before the signal has said anything', (t) => {
    t.expectObservable(t.cold('-a-b|').pipe(pauseWhile(NEVER))).toBe('-a-b|');
    t.expectObservable(t.cold('-a-b|').pipe(pauseWhile(EMPTY))).toBe('-a-b|');
  });

  marble('completes after what waits', (t) => {
    const source = t.cold('-a|');
    const paused = t.cold('p---r', states);
    t.expectObservable(source.pipe(pauseWhile(paused))).toBe('----(a|)');
  });

  marble('completes in a pause when nothing waits', (t) => {
    t.expectObservable(t.cold('--|').pipe(pauseWhile(of(true)))).toBe('--|');
  });

  marble('fails after what waits, in a pause at once when nothing does', (t) => {
    const paused = t.cold('p---r', states);
    t.expectObservable(t.cold('-a#', undefined, foreign).pipe(pauseWhile(paused))).toBe('----(a#)', undefined, foreign);
    t.expectObservable(t.cold('--#', undefined, foreign).pipe(pauseWhile(paused))).toBe('--#', undefined, foreign);
  });

  marble('fails with the signal, after what waits, and leaves the source', (t) => {
    const source = t.cold('-a-----');
    const paused = t.cold('p---#', states, foreign);
    t.expectObservable(source.pipe(pauseWhile(paused))).toBe('----(a#)', undefined, foreign);
    t.expectSubscriptions(source.subscriptions).toBe('^---!');
  });

  marble('stays as it is when the signal completes', (t) => {
    const paused = t.cold('p--|', states);
    t.expectObservable(t.cold('-a-b-').pipe(pauseWhile(paused))).toBe('');
  });

  marble('leaves source and signal when the subscriber does, and drops what waits', (t) => {
    const source = t.cold('-a-b-c');
    const paused = t.cold('--p----r', states);
    t.expectObservable(source.pipe(pauseWhile(paused)), '----!').toBe('-a');
    t.expectSubscriptions(source.subscriptions).toBe('^---!');
    t.expectSubscriptions(paused.subscriptions).toBe('^---!');
  });

  marble('keeps a source in a pause when it is held', (t) => {
    const source = t.cold('-a|');
    const paused = t.cold('p--r', states);
    t.expectObservable(source.pipe(pauseWhile(paused, { source: 'hold' }))).toBe('---(a|)');
    t.expectSubscriptions(source.subscriptions).toBe('^-!');
  });

  it('stops in the middle of what waits when a value makes it pause again', () => {
    const paused = new BehaviorSubject(true);
    const received: number[] = [];
    of(1, 2, 3)
      .pipe(pauseWhile(paused))
      .subscribe((n) => {
        received.push(n);
        if (n === 2) paused.next(true);
      });
    paused.next(false);
    expect(received).toEqual([1, 2]);
    paused.next(false);
    expect(received).toEqual([1, 2, 3]);
  });
});

describe('the places of pauseWhile', () => {
  it.each<[overflow: Overflow, values: number[]]>([
    ['drop-oldest', [4, 5]],
    ['drop-newest', [1, 2]],
    ['latest', [5]],
  ])('with %s lose what it says', (overflow, values) => {
    const paused = new BehaviorSubject(true);
    const received: number[] = [];
    of(1, 2, 3, 4, 5)
      .pipe(pauseWhile(paused, { capacity: 2, overflow }))
      .subscribe((n) => received.push(n));
    paused.next(false);
    expect(received).toEqual(values);
  });

  it('with error fail the stream after what waits, and leave the source at once', () => {
    const paused = new BehaviorSubject(true);
    const source = new Subject<number>();
    const received: unknown[] = [];
    source.pipe(pauseWhile(paused, { capacity: 2 })).subscribe({
      next: (n) => received.push(n),
      error: (error: Error) => received.push(error.message),
    });
    for (const n of [1, 2, 3]) source.next(n);
    expect([source.observed, received]).toEqual([false, []]);
    paused.next(false);
    const message = 'pauseWhile: the source sends faster than it is asked: more than 2 (limits.capacity)';
    expect(received).toEqual([1, 2, message]);
  });

  it('are not used while nothing is paused', () => {
    const received: number[] = [];
    of(1, 2, 3)
      .pipe(pauseWhile(NEVER, { capacity: 1 }))
      .subscribe((n) => received.push(n));
    expect(received).toEqual([1, 2, 3]);
  });
});

describe('pauseWhile that leaves its source', () => {
  const leave = { source: 'leave' } as const;

  marble('unsubscribes in a pause, and subscribes anew after it', (t) => {
    const source = t.cold('  -a-b-c-d');
    const paused = t.cold('  ----p--r', states);
    const expected = '       -a-b----a-b-c-d';

    t.expectObservable(source.pipe(pauseWhile(paused, leave))).toBe(expected);
    t.expectSubscriptions(source.subscriptions).toBe(['^---!', '-------^']);
  });

  marble('does not subscribe before the first pause is over', (t) => {
    const source = t.cold('a|');
    const paused = concat(of(true), t.cold('--r', states));
    t.expectObservable(source.pipe(pauseWhile(paused, leave))).toBe('--a|');
    t.expectSubscriptions(source.subscriptions).toBe('--^!');
  });

  it('subscribes once when the signal turns twice at once', () => {
    let subscriptions = 0;
    const source = defer(() => (subscriptions++, NEVER));
    source.pipe(pauseWhile(of(true, false), leave)).subscribe();
    expect(subscriptions).toBe(1);
  });

  it('does not begin anew a source that has completed, while its values wait', () => {
    let subscriptions = 0;
    const source = defer(() => (subscriptions++, of(1, 2)));
    const paused = new BehaviorSubject(false);
    const below = new Probe<number>((one) => one.request(1));
    flowOf(source.pipe(pauseWhile(paused, leave))).subscribe(below);
    paused.next(true);
    paused.next(false);
    below.request(1);
    expect([subscriptions, below.values, below.ending]).toEqual([1, [1, 2], 'complete']);
  });
});

describe('the events of pauseWhile', () => {
  it('tell of each turn', () => {
    const told: PolicyEvent[] = [];
    const following = policyEvents.subscribe((event) => told.push(event));
    const clock = new HandClock();
    const paused = new Subject<boolean>();
    NEVER.pipe(pauseWhile(paused, { name: 'offline', clock })).subscribe();
    for (const state of [false, true, true, false]) paused.next(state);
    following.unsubscribe();
    const event = { type: 'state', policy: 'pauseWhile', name: 'offline', atMs: clock.now() };
    expect(told).toEqual([
      { ...event, from: 'running', to: 'paused' },
      { ...event, from: 'paused', to: 'running' },
    ]);
  });

  it('may have a listener that leaves', () => {
    const [paused, source] = [new Subject<boolean>(), new Subject<number>()];
    const subscription = source.pipe(pauseWhile(paused)).subscribe();
    const following = policyEvents.subscribe(() => subscription.unsubscribe());
    paused.next(true);
    following.unsubscribe();
    expect([paused.observed, source.observed]).toEqual([false, false]);
  });
});

describe('the signal of pauseWhile', () => {
  it('is left when it ends the run within its own subscription', () => {
    const state = new BehaviorSubject(true);
    const below = new Probe<never>();
    const following = policyEvents.subscribe(() => below.cancel());
    flowOf(NEVER.pipe(pauseWhile(state))).subscribe(below);
    following.unsubscribe();
    expect([below.calls, state.observed]).toEqual([['onSubscribe'], false]);
  });

  it('that fails at once keeps the source from being subscribed', () => {
    const source = new Subject<number>();
    let caught: unknown;
    source.pipe(pauseWhile(throwError(() => foreign))).subscribe({ error: (error: unknown) => (caught = error) });
    expect([caught, source.observed]).toEqual([foreign, false]);
  });

  it('is refused when it is none, as are wrong options', () => {
    expect(() => pauseWhile(undefined as never)).toThrow(ConfigError);
    expect(() => pauseWhile(true as never)).toThrow('pauseWhile.paused: must be an Observable of booleans, not true');
    expect(() => pauseWhile(NEVER, { source: 'keep' as never })).toThrow(
      "pauseWhile.source: must be 'hold' or 'leave'",
    );
    expect(() => pauseWhile(NEVER, { capacity: 0 })).toThrow('pauseWhile.capacity: say how many values may wait');
    expect(() => pauseWhile(NEVER, { overflow: 'none' as never })).toThrow('pauseWhile.overflow: say what is lost');
  });
});
