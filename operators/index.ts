export { debounceMap, type DebounceMapOptions } from './debounce-map.js';
export { mergeOrdered, type MergeOrderedOptions } from './merge-ordered.js';
export { retryBackoff, type RetryBackoffOptions } from './retry-backoff.js';
export { timeoutEach, type TimeoutEachOptions } from './timeout-each.js';
export { timeoutIdle, type TimeoutIdleOptions } from './timeout-idle.js';
export type { ProjectContext } from '../lib/core/project.js';
export type { Concurrency, LimitSource } from '../lib/core/policy/limit-source.js';
export type { Outcome } from '../lib/core/policy/outcome.js';
export { type PolicyEvent, policyEvents } from '../lib/core/policy/policy-events.js';
