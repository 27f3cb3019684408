import {
  bulkhead,
  circuitBreaker,
  ExponentialBackoff,
  fallback,
  handleAll,
  retry,
  SamplingBreaker,
  timeout,
  TimeoutStrategy,
  wrap,
} from 'cockatiel';

import type { Run } from '../job.ts';
import { together } from '../troubled.ts';
import { ask, LONG_MS } from './call.ts';

const each =
  (policy: { execute(call: () => Promise<number>): Promise<number> }): Run =>
  (n) =>
    together(n, (count) => void policy.execute(ask).then(count));

const breaker = () =>
  circuitBreaker(handleAll, {
    halfOpenAfter: 5000,
    breaker: new SamplingBreaker({ threshold: 0.5, duration: 30_000 }),
  });
const places = () => bulkhead(1000);
const limit = () => timeout(LONG_MS, TimeoutStrategy.Cooperative);

export const runs: Readonly<Record<string, Run>> = {
  breakCircuit: each(breaker()),
  limitConcurrency: each(places()),
  timeoutEach: each(limit()),
  fallbackTo: each(fallback(handleAll, 0)),
  standardPolicies: each(
    wrap(
      timeout(LONG_MS, TimeoutStrategy.Cooperative),
      retry(handleAll, { maxAttempts: 2, backoff: new ExponentialBackoff() }),
      breaker(),
      places(),
      limit(),
    ),
  ),
};
