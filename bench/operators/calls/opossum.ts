import CircuitBreaker from 'opossum';

import type { Run } from '../job.ts';
import { together } from '../troubled.ts';
import { ask, LONG_MS } from './call.ts';

const breaker = new CircuitBreaker(ask, { timeout: false });
const timed = new CircuitBreaker(ask, { timeout: LONG_MS, capacity: 1000 });

export const runs: Readonly<Record<string, Run>> = {
  breakCircuit: (n) => together(n, (count) => void breaker.fire().then(count)),
  standardPolicies: (n) => together(n, (count) => void timed.fire().then(count)),
};
