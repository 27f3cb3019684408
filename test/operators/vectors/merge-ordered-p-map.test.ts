import { EMPTY, from, Observable, of } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { ConfigError } from '../../../lib/core/errors.js';
import { mergeOrdered } from '../../../operators/merge-ordered.js';
import { handClock } from '../../support/hand-clock.js';

/** What a call gives or fails with, and how long that takes. Unit: milliseconds. */
type Input = readonly [value: number | string, ms: number];

/** The results of calls in order, when the last one was told, and which calls were made. */
function play(inputs: readonly Input[], concurrency: number) {
  const clock = handClock();
  const startMs = clock.now();
  const told: unknown[] = [];
  let endedMs = 0;
  const made: (number | string)[] = [];
  const ended: (number | string)[] = [];
  const tell = (what: unknown) => {
    told.push(what);
    endedMs = clock.now() - startMs;
  };
  const call = ([value, ms]: Input) =>
    new Observable<number>((to) => {
      made.push(value);
      return clock.after(ms, () => {
        ended.push(value);
        if (typeof value === 'string') return to.error(value);
        to.next(value);
        to.complete();
      });
    });
  from(inputs)
    .pipe(mergeOrdered(call, { concurrency }))
    .subscribe({ next: tell, error: tell, complete: () => (endedMs = clock.now() - startMs) });
  clock.pass(10_000);
  return { told, endedMs, made, ended };
}

// p-map, test.js.
describe('vectors of p-map for mergeOrdered', () => {
  const shared: Input[] = [
    [10, 300],
    [20, 200],
    [30, 100],
  ];
  const longer: Input[] = [
    [10, 300],
    [20, 200],
    [30, 100],
    [40, 50],
    [50, 25],
  ];

  it.each([
    { of: 'main', inputs: shared, concurrency: Infinity, endedMs: 300 },
    { of: 'concurrency: 1', inputs: shared, concurrency: 1, endedMs: 600 },
    { of: 'longer input, one at a time', inputs: longer, concurrency: 1, endedMs: 675 },
    { of: 'longer input, all at once', inputs: longer, concurrency: Infinity, endedMs: 300 },
    { of: 'empty iterable', inputs: [], concurrency: 2, endedMs: 0 },
  ])('$of: $endedMs ms', ({ inputs, concurrency, endedMs }) => {
    const played = play(inputs, concurrency);
    expect([played.told, played.endedMs]).toEqual([inputs.map(([value]) => value), endedMs]);
  });

  // There a result that is early makes room at once, and waits without a bound: 204 and 200 ms. Here it keeps its place
  // until it has left.
  it.each([
    { of: 'problematic time sequence', times: [100, 200, 10, 36, 13, 45], endedMs: 281 },
    { of: 'out of order time sequence', times: [200, 100, 50], endedMs: 250 },
  ])('concurrency: 2, $of', ({ times, endedMs }) => {
    const played = play(
      times.map((ms) => [ms, ms]),
      2,
    );
    expect([played.told, played.endedMs]).toEqual([times, endedMs]);
  });

  it('concurrency: 4, of a hundred', () => {
    let running = 0;
    let most = 0;
    const clock = handClock();
    const call = (n: number) =>
      new Observable<number>((to) => {
        most = Math.max(most, ++running);
        return clock.after(30 + ((n * 37) % 170), () => {
          running--;
          to.next(n);
          to.complete();
        });
      });
    const told: number[] = [];
    const inputs = Array.from({ length: 100 }, (_, n) => n);
    from(inputs)
      .pipe(mergeOrdered(call, { concurrency: 4 }))
      .subscribe((n) => told.push(n));
    clock.pass(60_000);
    expect([told, most]).toEqual([inputs, 4]);
  });

  it.each([
    {
      inputs: [
        [20, 200],
        [30, 100],
        ['foo', 10],
        ['bar', 10],
      ] as Input[],
      told: [20, 30, 'foo'],
      endedMs: 310,
    },
    {
      inputs: [
        [20, 200],
        ['bar', 10],
        [30, 100],
        ['foo', 10],
      ] as Input[],
      told: [20, 'bar'],
      endedMs: 210,
    },
  ])('the first error ends it: $told', ({ inputs, told, endedMs }) => {
    const played = play(inputs, 1);
    expect([played.told, played.endedMs]).toEqual([told, endedMs]);
  });

  // There all calls run to their end; here those behind the one that failed are cancelled.
  it('all calls are made when they may run at once, and those behind an error are cancelled', () => {
    const { told, made, ended } = play(
      [
        ['Oops!', 100],
        [2, 300],
        [3, 0],
      ],
      Infinity,
    );
    expect([told, made, ended]).toEqual([['Oops!'], ['Oops!', 2, 3], [3, 'Oops!']]);
  });

  it.each([
    { inputs: [1, 0, 2], told: [1, 2] },
    { inputs: [1, 0, 2, 0, 3, 0, 0, 4], told: [1, 2, 3, 4] },
    { inputs: [0, 0, 0, 0], told: [] },
  ])('a call that gives nothing is skipped: $inputs', ({ inputs, told }) => {
    const seen: number[] = [];
    from(inputs)
      .pipe(mergeOrdered((n) => (n === 0 ? EMPTY : of(n))))
      .subscribe((n) => seen.push(n));
    expect(seen).toEqual(told);
  });

  it('enforce number in options.concurrency', () => {
    for (const concurrency of [0, 1.5]) expect(() => mergeOrdered(of, { concurrency })).toThrow(ConfigError);
    for (const concurrency of [1, 10, Infinity]) expect(() => mergeOrdered(of, { concurrency })).not.toThrow();
  });
});
