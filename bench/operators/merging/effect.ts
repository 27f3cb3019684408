import { Effect } from 'effect';

import { CONCURRENCY, range, type Run, work } from '../job.ts';
import { together } from '../troubled.ts';

const call = (item: number) => Effect.tryPromise(() => work(item));
const record = Effect.all({ a: call(0), b: call(1), c: call(2) }, { concurrency: 'unbounded' });

export const runs: Readonly<Record<string, Run>> = {
  async mergeBounded(n) {
    let sum = 0;
    const each = (item: number) => Effect.map(call(item), (result) => void (sum += result));
    await Effect.runPromise(Effect.forEach(range(n), each, { concurrency: CONCURRENCY, discard: true }));
    return sum;
  },
  combineCalls: (n) => together(n, (count) => void Effect.runPromise(record).then(({ a }) => count(a))),
};
