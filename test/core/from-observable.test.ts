import { concat, EMPTY, NEVER, Observable, of, range, Subject, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { LimitError } from '../../lib/core/answer-errors.js';
import { ConfigError } from '../../lib/core/errors.js';
import { fromObservable } from '../../lib/core/from-observable.js';
import type { Overflow } from '../../lib/core/overflow.js';
import { probe } from '../../lib/testing/flow-probe.js';
import { obeysTheFlowRules } from '../../lib/testing/flow-rules.js';
import { gc } from '../support/gc.js';

const ROOMY = { capacity: 30_000, overflow: 'error' } as const;

/** Endless, but for a plain Observable, which nobody can hold back, that can only mean: more than is looked at. */
const upTo = (count: number): Observable<number> =>
  count === Infinity ? concat(range(1, 25_000), NEVER) : range(1, count);

describe('fromObservable', () => {
  const failing = (error: unknown) =>
    fromObservable(
      concat(
        of(1),
        throwError(() => error),
      ),
      ROOMY,
    );
  obeysTheFlowRules((count) => fromObservable(upTo(count), ROOMY), { it, expect, gc, failing });

  it('subscribes when the subscription begins, before anything is asked for', () => {
    const source = new Subject<number>();
    const one = probe(fromObservable(source, { capacity: 2, overflow: 'error' }));
    expect(source.observed).toBe(true);
    source.next(1);
    one.request(1);
    expect(one.values).toEqual([1]);
    one.cancel();
    expect(source.observed).toBe(false);
  });

  it.each<[overflow: Overflow, values: number[]]>([
    ['drop-oldest', [3, 4, 5]],
    ['drop-newest', [1, 2, 3]],
    ['latest', [4, 5]],
  ])('keeps with %s what the policy says', (overflow, values) => {
    const source = new Subject<number>();
    const one = probe(fromObservable(source, { capacity: 3, overflow }));
    for (let n = 1; n <= 5; n++) source.next(n);
    one.request(10);
    source.next(6);
    expect(one.values).toEqual([...values, 6]);
  });

  it('sends what waits, then fails with a LimitError, where overflow is an error', () => {
    const source = new Subject<number>();
    const one = probe(fromObservable(source, { capacity: 2, overflow: 'error' }));
    for (let n = 1; n <= 3; n++) source.next(n);
    expect([source.observed, one.calls]).toEqual([false, ['onSubscribe']]);
    one.request(5);
    expect([one.values, one.error]).toEqual([[1, 2], expect.any(LimitError)]);
    expect(one.error).toMatchObject({ kind: 'limit', which: 'capacity', limit: 2, retryable: false });
  });

  it('counts no value that was asked for: an endless demand never overflows', () => {
    const source = new Subject<number>();
    const one = probe(fromObservable(source, { capacity: 1, overflow: 'error' }), Infinity, ({ values }) => {
      if (values.length === 1) for (let n = 2; n <= 10; n++) source.next(n);
    });
    source.next(1);
    expect([one.values.length, one.ending]).toEqual([10, undefined]);
  });

  it('passes completion and errors on after what waits', () => {
    const lost = new Error('lost');
    const options = { capacity: 5, overflow: 'error' } as const;
    const done = probe(fromObservable(of(1, 2), options));
    const failed = probe(
      fromObservable(
        concat(
          of(1),
          throwError(() => lost),
        ),
        options,
      ),
    );
    expect([done.ending, failed.ending]).toEqual([undefined, undefined]);
    done.request(2);
    failed.request(1);
    expect([done.ending, failed.error]).toEqual(['complete', lost]);
    expect(probe(fromObservable(EMPTY, options)).ending).toBe('complete');
  });

  it('stops a synchronous endless source at once when it overflows or is cancelled', () => {
    let sent = 0;
    const endless = new Observable<number>((subscriber) => {
      while (!subscriber.closed && sent < 1_000) subscriber.next(++sent);
    });
    probe(fromObservable(endless, { capacity: 3, overflow: 'error' }));
    expect(sent).toBe(4);
    sent = 0;
    probe(fromObservable(endless, { capacity: 3, overflow: 'error' }), Infinity, (run) => run.cancel());
    expect(sent).toBe(1);
  });

  it.each([undefined, 0, -1, 1.5, NaN, Infinity, '3'])('refuses the capacity %s by name', (capacity) => {
    const make = () => fromObservable(EMPTY, { capacity, overflow: 'error' } as never);
    expect(make).toThrow(ConfigError);
    expect(make).toThrow(/capacity: say how many values may wait/);
  });

  it.each([undefined, 'drop', 'dropOldest', null])('refuses the overflow %s by name', (overflow) => {
    const make = () => fromObservable(EMPTY, { capacity: 1, overflow } as never);
    expect(make).toThrow(/overflow: say what is lost, one of error, drop-oldest, drop-newest, latest/);
  });

  it('refuses missing options, and unknown ones by the nearest name', () => {
    expect(() => fromObservable(EMPTY, undefined as never)).toThrow(/capacity/);
    expect(() => fromObservable(EMPTY, { capacity: 1, overFlow: 'error' } as never)).toThrow(/did you mean "overflow"/);
  });
});
