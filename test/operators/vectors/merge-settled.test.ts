import { from, map, Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { mergeSettled } from '../../../operators/merge-settled.js';
import { handClock } from '../../support/hand-clock.js';

// p-map, test.js, with stopOnError: false: there one error of all errors at the end, here each where it happens. An input
// is the value or the error of its call, and how long that takes in ms.
describe('vectors of p-map for mergeSettled', () => {
  type Input = readonly [value: number | string, ms: number];
  const settle = (inputs: readonly Input[], concurrency: number) => {
    const clock = handClock();
    const told: unknown[] = [];
    const call = ([value, ms]: Input) =>
      new Observable<number>((to) =>
        clock.after(ms, () => {
          if (typeof value === 'string') return to.error(value);
          to.next(value);
          to.complete();
        }),
      );
    from(inputs)
      .pipe(
        mergeSettled(call, { concurrency }),
        map((one) => (one.status === 'fulfilled' ? one.value : one.reason)),
      )
      .subscribe({ next: (value) => told.push(value), complete: () => told.push('|') });
    clock.pass(10_000);
    return told;
  };

  it.each<{ of: string; inputs: Input[]; told: unknown[] }>([
    {
      of: 'no errors',
      inputs: [
        [10, 300],
        [20, 200],
        [30, 100],
      ],
      told: [10, 20, 30, '|'],
    },
    {
      of: 'errors last',
      inputs: [
        [20, 200],
        [30, 100],
        ['foo', 10],
        ['bar', 10],
      ],
      told: [20, 30, 'foo', 'bar', '|'],
    },
    {
      of: 'errors among them',
      inputs: [
        [20, 200],
        ['bar', 10],
        [30, 100],
        ['foo', 10],
      ],
      told: [20, 'bar', 30, 'foo', '|'],
    },
  ])('$of, one at a time', ({ inputs, told }) => {
    expect(settle(inputs, 1)).toEqual(told);
  });

  it('errors among them, all at once', () => {
    expect(
      settle(
        [
          [20, 10],
          ['bar', 100],
          [30, 100],
        ],
        Infinity,
      ),
    ).toEqual([20, 'bar', 30, '|']);
  });
});
