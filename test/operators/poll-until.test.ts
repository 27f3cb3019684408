import { defer, EMPTY, NEVER, type Observable, of } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { ConfigError, NetworkError, TimeoutError } from '../../lib/core/errors.js';
import { type PolicyEvent, policyEvents } from '../../lib/core/policy/policy-events.js';
import { PROGRESS } from '../../lib/core/progress.js';
import { probe } from '../../lib/testing/flow-probe.js';
import { obeysTheOperatorLaws } from '../../lib/testing/laws.js';
import { operatorObeysTheFlowRules } from '../../lib/testing/operator-rules.js';
import { deadline } from '../../operators/deadline.js';
import { pollUntil } from '../../operators/poll-until.js';
import { gc } from '../support/gc.js';
import { marble } from '../support/marble.js';
import { HandClock, Steered } from '../support/steered.js';

const lost = new NetworkError('connection reset', 'receive');
const foreign = new Error('foreign');
const isZ = (value: unknown) => value === 'z';

/** An Observable that is another one at each subscription; the last one again and again. */
function inTurn<T>(...polls: Observable<T>[]): Observable<T> {
  let subscriptions = 0;
  return defer(() => polls[Math.min(subscriptions++, polls.length - 1)]!);
}

describe('pollUntil', () => {
  // An empty source has no last value that could hold.
  obeysTheOperatorLaws((clock) => pollUntil(() => true, { clock }), { it, expect, except: ['empty'] });
  operatorObeysTheFlowRules(() => pollUntil(() => true), { it, expect, gc, except: ['1.5', '2.9'] });

  marble('asks at once, then again so long after each answer, until one is what is waited for', (t) => {
    const pending = t.cold('-a|');
    const done = t.cold('   --z|');
    const expected = '      -a----a-----z|';

    const result = inTurn(pending, pending, done).pipe(pollUntil(isZ, { waitMs: 3, clock: t.clock }));
    t.expectObservable(result).toBe(expected);
    t.expectSubscriptions(pending.subscriptions).toBe(['^-!', '-----^-!']);
    t.expectSubscriptions(done.subscriptions).toBe('----------^--!');
  });

  marble('looks at the last value of a poll that has several', (t) => {
    const first = t.cold('(za|)');
    const second = t.cold('  (az|)');
    t.expectObservable(inTurn(first, second).pipe(pollUntil(isZ, { waitMs: 5, clock: t.clock }))).toBe('(za) -(az|)');
  });

  marble('counts polls from 1', (t) => {
    const polls: number[] = [];
    const isDone = (_value: string, poll: number) => polls.push(poll) === 3;
    t.expectObservable(t.cold('(a|)').pipe(pollUntil(isDone, { waitMs: 2, clock: t.clock }))).toBe('a-a-(a|)');
    t.flush();
    expect(polls).toEqual([1, 2, 3]);
  });

  marble('asks again after a poll without a value', (t) => {
    const result = inTurn<string>(EMPTY, EMPTY, of('z')).pipe(pollUntil(isZ, { waitMs: 2, clock: t.clock }));
    t.expectObservable(result).toBe('----(z|)');
  });

  marble('takes no progress event for a value', (t) => {
    const values = { p: { [PROGRESS]: true }, z: 'z' };
    const source = t.cold<unknown>('z-p|', values);
    t.expectObservable(source.pipe(pollUntil(isZ, { clock: t.clock }))).toBe('z-p|', values);
  });

  marble('waits as a backoff says, which gets the last value and the number of the poll', (t) => {
    const seen: unknown[] = [];
    const waitMs = (value: unknown, poll: number) => (seen.push([value, poll]), poll * 2);
    const result = inTurn(of('a'), of('b'), of('z')).pipe(pollUntil(isZ, { waitMs, clock: t.clock }));
    t.expectObservable(result).toBe('a-b---(z|)');
    t.flush();
    expect(seen).toEqual([
      ['a', 1],
      ['b', 2],
    ]);
  });

  marble('cuts the wait when the subscriber leaves, and polls no more', (t) => {
    const source = t.cold('a|');
    t.expectObservable(source.pipe(pollUntil(isZ, { waitMs: 3, clock: t.clock })), '--!').toBe('a');
    t.expectSubscriptions(source.subscriptions).toBe('^!');
  });

  marble('does not pile up on the stack, however many polls answer at once', (t) => {
    const isDone = (_value: number, poll: number) => poll === 20_000;
    const received: number[] = [];
    of(1)
      .pipe(pollUntil(isDone, { waitMs: 0, clock: t.clock }))
      .subscribe((value) => received.push(value));
    t.flush();
    expect(received.length).toBe(20_000);
  });

  marble('passes on what isDone, waitMs and when throw', (t) => {
    const fail = () => {
      throw foreign;
    };
    const { clock } = t;
    const fails = t.cold('-#', undefined, lost);
    t.expectObservable(of('a').pipe(pollUntil(fail, { clock }))).toBe('(a#)', undefined, foreign);
    t.expectObservable(of('a').pipe(pollUntil(isZ, { waitMs: fail, clock }))).toBe('(a#)', undefined, foreign);
    t.expectObservable(fails.pipe(pollUntil(isZ, { when: fail, clock }))).toBe('-#', undefined, foreign);
  });

  it('makes no further poll until something is asked for', () => {
    const clock = new HandClock();
    const source = new Steered<string>();
    const below = probe(source.flow.via(pollUntil(isZ, { waitMs: 5, clock })), 1);
    source.to.onNext('a');
    source.to.onComplete();
    clock.pass(50);
    expect([source.runs.length, clock.timers]).toEqual([1, 0]);
    below.request(2);
    expect(source.runs.map(({ asked }) => asked)).toEqual([[1], [2]]);
    source.to.onNext('z');
    source.to.onComplete();
    expect(below.calls).toEqual(['onSubscribe', 'onNext', 'onNext', 'onComplete']);
  });

  it('refuses wrong options, naming the field', () => {
    expect(() => pollUntil(isZ, { waitMs: -1 })).toThrow(ConfigError);
    expect(() => pollUntil(isZ, { waitMs: -1 })).toThrow('pollUntil.waitMs: must be a number, 0 or more, not -1');
    expect(() => pollUntil(isZ, { failures: NaN })).toThrow('pollUntil.failures');
    expect(() => pollUntil(isZ, { every: 5 } as object)).toThrow('pollUntil.every: unknown option');
  });
});

describe('the errors of pollUntil', () => {
  marble('are tolerated so many times in a row while they are transient', (t) => {
    const fails = t.cold('#', undefined, lost);
    const options = { waitMs: 2, failures: 2, clock: t.clock };
    t.expectObservable(fails.pipe(pollUntil(isZ, options))).toBe('----#', undefined, lost);
    const recovers = inTurn(fails, fails, of('a'), fails, fails, of('z'));
    t.expectObservable(recovers.pipe(pollUntil(isZ, options))).toBe('----a-----(z|)');
  });

  marble('pass at once where they are not transient', (t) => {
    const source = t.cold('-#', undefined, foreign);
    t.expectObservable(source.pipe(pollUntil(isZ, { clock: t.clock }))).toBe('-#', undefined, foreign);
  });

  marble('are told', (t) => {
    const told: PolicyEvent[] = [];
    const following = policyEvents.subscribe((event) => told.push(event));
    const atMs = t.clock.now();
    const source = inTurn(t.cold('#', undefined, lost), of('z'));
    source.pipe(pollUntil(isZ, { waitMs: 7, name: 'export', clock: t.clock })).subscribe();
    t.flush();
    following.unsubscribe();
    expect(told).toEqual([
      { type: 'retry', policy: 'pollUntil', name: 'export', atMs, attempt: 1, delayMs: 7, error: lost },
    ]);
  });
});

describe('Retry-After in pollUntil', () => {
  const options = { waitMs: 1, random: () => 0.5 };

  marble('is the least wait, plus a part of 10 %, on values and on errors', (t) => {
    const value = { retryAfterMs: 20 };
    const error = new NetworkError('later', 'receive', { retryAfterMs: 20 });
    const isDone = (answer: object) => !('retryAfterMs' in answer);
    const values = { a: value, z: { state: 'done' } };
    for (const [first, expected] of [
      [of(value), ' a--------------------(z|)'],
      [t.cold<object>('#', undefined, error), '---------------------(z|)'],
    ] as const) {
      const polled = inTurn<object>(first, of(values.z)).pipe(pollUntil(isDone, { ...options, clock: t.clock }));
      t.expectObservable(polled).toBe(expected, values);
    }
  });

  marble('of a nonsensical kind counts for nothing', (t) => {
    for (const retryAfterMs of [-5, NaN, '9', null]) {
      const result = inTurn<unknown>(of({ retryAfterMs }), of('z')).pipe(
        pollUntil(isZ, { ...options, clock: t.clock }),
      );
      t.expectObservable(result).toBe('a(z|)', { a: { retryAfterMs }, z: 'z' });
    }
  });
});

describe('a deadline around pollUntil', () => {
  const late = (cause?: unknown) =>
    new TimeoutError('total', 10, cause === undefined ? {} : { cause }, 'deadline.totalMs');

  marble('ends a wait at once that would last beyond it', (t) => {
    const source = t.cold('a|');
    const polled = source.pipe(
      pollUntil(isZ, { waitMs: 6, clock: t.clock }),
      deadline({ totalMs: 10, clock: t.clock }),
    );
    t.expectObservable(polled).toBe('a------a#', undefined, late());
  });

  marble('has the error of the last failed poll as its cause', (t) => {
    const source = t.cold('#', undefined, lost);
    const polled = source.pipe(
      pollUntil(isZ, { waitMs: 6, clock: t.clock }),
      deadline({ totalMs: 10, clock: t.clock }),
    );
    t.expectObservable(polled).toBe('------#', undefined, late(lost));
  });

  marble('cuts a poll off that runs', (t) => {
    const polled = NEVER.pipe(pollUntil(isZ, { clock: t.clock }), deadline({ totalMs: 10, clock: t.clock }));
    t.expectObservable(polled).toBe('----------#', undefined, late());
  });
});
