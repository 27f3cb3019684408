export { adaptConcurrency, type AdaptConcurrencyOptions } from './adapt-concurrency.js';
export { debounceMap, type DebounceMapOptions } from './debounce-map.js';
export { limitConcurrency, type LimitConcurrencyOptions } from './limit-concurrency.js';
export { limitRate } from './limit-rate.js';
export { mergeOrdered, type MergeOrderedOptions } from './merge-ordered.js';
export { retryBackoff, type RetryBackoffOptions } from './retry-backoff.js';
export type { ProjectContext } from '../lib/core/project.js';
export {
  type AdaptiveLimit,
  type AdaptiveLimitChanges,
  type AdaptiveLimitOptions,
  type AdaptiveLimitSnapshot,
  type AdaptiveLimitState,
  createAdaptiveLimit,
} from '../lib/core/policy/adaptive-limit.js';
export { type Bulkhead, type BulkheadSnapshot, createBulkhead } from '../lib/core/policy/bulkhead.js';
export type {
  BulkheadChanges,
  BulkheadOptions,
  BulkheadState,
  PlaceOptions,
  Priority,
} from '../lib/core/policy/bulkhead-settings.js';
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
