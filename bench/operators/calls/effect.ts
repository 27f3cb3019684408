import { Effect, Schedule } from 'effect';

import type { Run } from '../job.ts';
import { together } from '../troubled.ts';
import { ask, LONG_MS } from './call.ts';

const call = Effect.tryPromise(ask);

const each =
  (effect: Effect.Effect<number, unknown>): Run =>
  (n) =>
    together(n, (count) => void Effect.runPromise(effect).then(count));

const retried = { times: 2, schedule: Schedule.exponential(100) };

export const runs: Readonly<Record<string, Run>> = {
  timeoutEach: each(Effect.timeout(call, LONG_MS)),
  fallbackTo: each(Effect.orElseSucceed(call, () => 0)),
  standardPolicies: each(Effect.timeout(Effect.retry(Effect.timeout(call, LONG_MS), retried), LONG_MS)),
};
