import { lastValueFrom, type OperatorFunction, tap } from 'rxjs';

import { Loop, type Run } from '../job.ts';

/** Runs an operator over items that come when results go, and sums what `valueOf` finds in the results. */
export const over =
  <R>(operator: () => OperatorFunction<number, R>, valueOf: (result: R) => number): Run =>
  async (n) => {
    const loop = new Loop(n);
    let sum = 0;
    const each = tap((result: R) => {
      sum += valueOf(result);
      loop.more();
    });
    const done = lastValueFrom(loop.items.pipe(operator(), each));
    loop.start();
    await done;
    return sum;
  };

export const same = (result: number): number => result;

/** As many keys as there are places. */
export const keyOf = (item: number): number => item % 64;
export const levelOf = (item: number): number => item % 4;
