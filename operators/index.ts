export { adaptConcurrency, type AdaptConcurrencyOptions } from './adapt-concurrency.js';
export { batchMap, type BatchMapOptions } from './batch-map.js';
export { breakCircuit } from './break-circuit.js';
export { bufferFrame, type BufferFrameOptions } from './buffer-frame.js';
export { coalesceMap, type CoalesceMapOptions } from './coalesce-map.js';
export { deadline, type DeadlineOptions } from './deadline.js';
export { debounceMap, type DebounceMapOptions } from './debounce-map.js';
export { fallbackTo, type FallbackToOptions } from './fallback-to.js';
export { hedge } from './hedge.js';
export { latestMap } from './latest-map.js';
export { limitConcurrency, type LimitConcurrencyOptions } from './limit-concurrency.js';
export { limitRate } from './limit-rate.js';
export { mergeBounded, type MergeBoundedOptions } from './merge-bounded.js';
export { mergeFirst, type MergeFirstOptions } from './merge-first.js';
export { mergeKeyed, type MergeKeyedOptions } from './merge-keyed.js';
export { mergeOrdered, type MergeOrderedOptions } from './merge-ordered.js';
export { mergePriority, type MergePriorityOptions } from './merge-priority.js';
export { mergeSettled, type MergeSettledOptions } from './merge-settled.js';
export { pauseWhile, type PauseWhileOptions } from './pause-while.js';
export { policies } from './policies.js';
export { pollUntil, type PollUntilOptions } from './poll-until.js';
export { resumeFrom, type ResumeFromOptions } from './resume-from.js';
export { retryBackoff, type RetryBackoffOptions } from './retry-backoff.js';
export { shareFor, type ShareForOptions } from './share-for.js';
export { standardPolicies, type StandardPoliciesOptions } from './standard-policies.js';
export { throttleClient } from './throttle-client.js';
export { throttleMap, type ThrottleMapOptions } from './throttle-map.js';
export { timeoutEach, type TimeoutEachOptions } from './timeout-each.js';
export { timeoutIdle, type TimeoutIdleOptions } from './timeout-idle.js';
export type { Frames } from '../lib/core/frames.js';
export type { BatchOptions } from '../lib/core/merge/batch-rules.js';
export type { BatchAnswer, BatchLoad } from '../lib/core/merge/batch.js';
export type { CallKey } from '../lib/core/merge/call-key.js';
export type { ConcurrencyOptions } from '../lib/core/merge/places.js';
export type { Settled } from '../lib/core/merge/settled-merge.js';
export type { Overflow } from '../lib/core/overflow.js';
export {
  type AdaptiveLimit,
  type AdaptiveLimitOptions,
  type AdaptiveLimitSettings,
  type AdaptiveLimitSnapshot,
  type AdaptiveLimitState,
  createAdaptiveLimit,
} from '../lib/core/policy/adaptive-limit.js';
export { type Batcher, type BatcherState, createBatcher } from '../lib/core/policy/batcher.js';
export type {
  Breaker,
  BreakerOptions,
  BreakerSettings,
  BreakerSnapshot,
  BreakerState,
  BreakerStatus,
} from '../lib/core/policy/breaker-types.js';
export { createBreaker } from '../lib/core/policy/breaker.js';
export type {
  BulkheadOptions,
  BulkheadSettings,
  BulkheadState,
  PlaceOptions,
  Priority,
} from '../lib/core/policy/bulkhead-settings.js';
export { type Bulkhead, type BulkheadSnapshot, createBulkhead } from '../lib/core/policy/bulkhead.js';
export {
  type Coalescer,
  type CoalescerOptions,
  type CoalescerState,
  createCoalescer,
} from '../lib/core/policy/coalescer.js';
export type { Hedge, HedgeOptions, HedgeSettings, HedgeSnapshot, HedgeState } from '../lib/core/policy/hedge-types.js';
export { createHedge } from '../lib/core/policy/hedge.js';
export {
  createHistogram,
  type Histogram,
  type HistogramOptions,
  type HistogramSettings,
  type HistogramSnapshot,
  type HistogramState,
} from '../lib/core/policy/histogram.js';
export type { Concurrency, LimitSource } from '../lib/core/policy/limit-source.js';
export type { Outcome } from '../lib/core/policy/outcome.js';
export { offline, pageHidden, type PageLike } from '../lib/core/policy/page.js';
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
  RateLimiterOptions,
  RateLimiterSettings,
  RateLimiterState,
  SavedQuota,
} from '../lib/core/policy/rate-settings.js';
export type { WindowCounts } from '../lib/core/policy/rolling-window.js';
export type {
  Throttle,
  ThrottleOptions,
  ThrottleSettings,
  ThrottleSnapshot,
  ThrottleState,
} from '../lib/core/policy/throttle-types.js';
export { createThrottle } from '../lib/core/policy/throttle.js';
export type { ProjectContext } from '../lib/core/project.js';
