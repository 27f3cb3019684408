import type { FlowOperator } from 'millrace';
import {
  adaptConcurrency,
  breakCircuit,
  createAdaptiveLimit,
  createBreaker,
  createBulkhead,
  createHedge,
  createRateLimiter,
  createThrottle,
  deadline,
  fallbackTo,
  hedge,
  limitConcurrency,
  limitRate,
  pauseWhile,
  pollUntil,
  resumeFrom,
  shareFor,
  standardPolicies,
  throttleClient,
  timeoutEach,
  timeoutIdle,
} from 'millrace/operators';
import { BehaviorSubject, type OperatorFunction } from 'rxjs';

import type { Run } from '../job.ts';
import { together } from '../troubled.ts';
import { call, LONG_MS, MANY } from './call.ts';

/** The operator is made once, and applied to each call. */
const each =
  (policy: FlowOperator<number, number>): Run =>
  (n) =>
    together(n, (count) => void call.pipe(policy).subscribe(count));

/** One stream for all: what its subscribers share. */
function shared(operator: OperatorFunction<number, number>): Run {
  const answer = call.pipe(operator);
  return (n) => together(n, (count) => void answer.subscribe(count));
}

const everything = {
  hedge: createHedge(),
  throttle: createThrottle(),
  rate: createRateLimiter({ limit: MANY * 1000 }),
};

export const runs: Readonly<Record<string, Run>> = {
  breakCircuit: each(breakCircuit(createBreaker())),
  limitConcurrency: each(limitConcurrency(createBulkhead({ limit: 1000 }))),
  adaptConcurrency: each(adaptConcurrency(createAdaptiveLimit({ initial: 1000, min: 1000, max: 1000 }))),
  limitRate: each(limitRate(createRateLimiter({ limit: MANY * 1000 }))),
  throttleClient: each(throttleClient(createThrottle())),
  hedge: each(hedge(createHedge())),
  timeoutEach: each(timeoutEach(LONG_MS)),
  timeoutIdle: each(timeoutIdle(LONG_MS)),
  deadline: each(deadline(LONG_MS)),
  fallbackTo: each(fallbackTo([0])),
  pollUntil: each(pollUntil(() => true)),
  pauseWhile: each(pauseWhile(new BehaviorSubject(false))),
  resumeFrom: each(
    resumeFrom<number, number>(
      (_value, count) => count,
      () => [],
    ),
  ),
  shareFor: shared(shareFor({ replayMs: LONG_MS })),
  standardPolicies: each(standardPolicies<number>({ concurrency: createBulkhead({ limit: 1000 }) })),
  everything: each(
    standardPolicies<number>({ concurrency: createBulkhead({ limit: 1000 }), fallback: () => [0], ...everything }),
  ),
};
