import { Effect, Schedule } from 'effect';

import { together } from '../troubled.ts';

const schedule = Schedule.spaced(1);

export function run(n: number, failures: number): Promise<number> {
  return together(n, (done) => {
    let left = failures;
    const call = Effect.suspend(() => (left-- > 0 ? Effect.fail(new Error('unavailable')) : Effect.succeed(1)));
    const settle = async (): Promise<void> => done(await Effect.runPromise(Effect.retry(call, { times: 2, schedule })));
    void settle();
  });
}
