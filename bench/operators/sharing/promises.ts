import DataLoader from 'dataloader';

import { CONCURRENCY, type Run, work } from '../job.ts';
import { keyOf, load } from './bursts.ts';

/** So many at once, again and again. */
async function byTurns(n: number, ask: (item: number) => Promise<number>): Promise<number[]> {
  const found: number[] = [];
  for (let next = 0; next < n; next += CONCURRENCY) {
    const items = Array.from({ length: Math.min(CONCURRENCY, n - next) }, (_, index) => next + index);
    found.push(...(await Promise.all(items.map(ask))));
  }
  return found;
}

export const runs: Readonly<Record<string, Run>> = {
  async batchMap(n) {
    const loader = new DataLoader(load, { maxBatchSize: CONCURRENCY, cache: false });
    const found = await byTurns(n, (item) => loader.load(item));
    return found.reduce((sum, one) => sum + one, 0);
  },
  async coalesceMap(n) {
    const running = new Map<number, Promise<number>>();
    const ask = (item: number): Promise<number> => {
      const key = keyOf(item);
      const shared = running.get(key) ?? work(item).finally(() => running.delete(key));
      running.set(key, shared);
      return shared;
    };
    return (await byTurns(n, ask)).length;
  },
};
