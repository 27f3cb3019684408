export { debounceMap, type DebounceMapOptions } from './debounce-map.js';
export { limitRate } from './limit-rate.js';
export { mergeOrdered, type MergeOrderedOptions } from './merge-ordered.js';
export { retryBackoff, type RetryBackoffOptions } from './retry-backoff.js';
export type { ProjectContext } from '../lib/core/project.js';
export type { Concurrency, LimitSource } from '../lib/core/policy/limit-source.js';
export type { Outcome } from '../lib/core/policy/outcome.js';
export { type PolicyEvent, policyEvents } from '../lib/core/policy/policy-events.js';
export { type RateHint, rateHintOf } from '../lib/core/policy/rate-hint.js';
export {
  parseRateLimit,
  parseRateLimitPolicy,
  type QuotaLeft,
  type QuotaPolicy,
  type QuotaUnit,
} from '../lib/core/policy/rate-limit-fields.js';
export { createRateLimiter, type RateLimiter, type RateLimiterSnapshot } from '../lib/core/policy/rate-limiter.js';
export type {
  RateAlgorithm,
  RateLimiterChanges,
  RateLimiterOptions,
  RateLimiterState,
  SavedQuota,
} from '../lib/core/policy/rate-settings.js';
