export { breakCircuit } from './break-circuit.js';
export { debounceMap, type DebounceMapOptions } from './debounce-map.js';
export { hedge } from './hedge.js';
export { mergeOrdered, type MergeOrderedOptions } from './merge-ordered.js';
export { retryBackoff, type RetryBackoffOptions } from './retry-backoff.js';
export { throttleClient } from './throttle-client.js';
export type { ProjectContext } from '../lib/core/project.js';
export { createBreaker } from '../lib/core/policy/breaker.js';
export type {
  Breaker,
  BreakerOptions,
  BreakerSettings,
  BreakerSnapshot,
  BreakerState,
  BreakerStatus,
} from '../lib/core/policy/breaker-types.js';
export { createHedge } from '../lib/core/policy/hedge.js';
export type { Hedge, HedgeOptions, HedgeSettings, HedgeSnapshot, HedgeState } from '../lib/core/policy/hedge-types.js';
export {
  createHistogram,
  type Histogram,
  type HistogramOptions,
  type HistogramSettings,
  type HistogramSnapshot,
  type HistogramState,
} from '../lib/core/policy/histogram.js';
export { createThrottle } from '../lib/core/policy/throttle.js';
export type {
  Throttle,
  ThrottleOptions,
  ThrottleSettings,
  ThrottleSnapshot,
  ThrottleState,
} from '../lib/core/policy/throttle-types.js';
export type { WindowCounts } from '../lib/core/policy/rolling-window.js';
export type { Concurrency, LimitSource } from '../lib/core/policy/limit-source.js';
export type { Outcome } from '../lib/core/policy/outcome.js';
export { type PolicyEvent, policyEvents } from '../lib/core/policy/policy-events.js';
