import { setImmediate as tick } from 'node:timers/promises';

import { lastValueFrom, type OperatorFunction } from 'rxjs';

import { Inlet } from '../inlet.ts';
import type { Run } from '../job.ts';

const BURST = 1000;

/** Pushes values in bursts, faster than anything is done with them. */
export const inBursts =
  (operator: OperatorFunction<number, unknown>): Run =>
  async (n) => {
    const inlet = new Inlet<number>();
    const done = lastValueFrom(inlet.stream.pipe(operator));
    for (let sent = 0; sent < n; await tick()) {
      for (const until = Math.min(n, sent + BURST); sent < until; sent++) inlet.next(sent);
    }
    inlet.complete();
    await done;
    return n;
  };

/** Eight that come one after the other ask for the same. */
export const keyOf = (item: number): number => item >> 3;
/** One call for many. */
export const load = async (items: readonly number[]): Promise<number[]> => items.map((item) => item + 1);
export const FRAME_MS = 16;
