import { Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { batchMap } from '../../operators/batch-map.js';

const lost = new Error('lost');

/** Values that are loaded three at a time; what was loaded is noted, and what came of it. */
function batches(answers: readonly (readonly (string | Error)[])[] | Error) {
  const loads: number[][] = [];
  const told: unknown[] = [];
  const values$ = new Subject<number>();
  const load = (values: readonly number[]) => {
    loads.push([...values]);
    if (answers instanceof Error) throw answers;
    return answers[loads.length - 1]!;
  };
  const listen = () =>
    values$.pipe(batchMap(load, { maxCount: 3 })).subscribe({
      next: (value) => told.push(value),
      error: (error: unknown) => told.push(error),
    });
  listen();
  return { loads, told, values$, listen };
}

describe('bugs of other batchers that this one does not have', () => {
  // A value that was in its cache took a place of maxBatchSize, so that batches went out half empty.
  it('DataLoader #294: a value that comes again is counted twice or left out', () => {
    const { loads, told, values$ } = batches([
      ['a', 'a', 'b'],
      ['c', 'd', 'e'],
    ]);
    for (const value of [1, 1, 2, 3, 4, 5]) values$.next(value);
    expect(loads).toEqual([
      [1, 1, 2],
      [3, 4, 5],
    ]);
    expect(told).toEqual(['a', 'a', 'b', 'c', 'd', 'e']);
  });

  it('DataLoader: the error of one value stays, and is given without a load to whoever asks again', () => {
    const { loads, told, values$, listen } = batches([
      ['a', lost, 'c'],
      ['a', 'b', 'c'],
    ]);
    for (const value of [1, 2, 3]) values$.next(value);
    listen();
    for (const value of [1, 2, 3]) values$.next(value);
    expect(loads.length).toBe(2);
    expect(told).toEqual(['a', lost, 'a', 'b', 'c']);
  });

  // There a value in the cache waits for the batch of others (#222, #243); here nothing waits but for its own batch.
  it('DataLoader #243: a batch that is full waits for those that come later', () => {
    const { loads, told, values$ } = batches([['a', 'b', 'c']]);
    for (const value of [1, 2, 3, 4]) values$.next(value);
    expect([loads, told]).toEqual([[[1, 2, 3]], ['a', 'b', 'c']]);
  });

  it('a load that throws leaves those of its batch without an answer', () => {
    const { told, values$ } = batches(lost);
    for (const value of [1, 2, 3]) values$.next(value);
    expect(told).toEqual([lost]);
  });
});
