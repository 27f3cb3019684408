export { batchMap, type BatchMapOptions } from './batch-map.js';
export { bufferFrame, type BufferFrameOptions } from './buffer-frame.js';
export { coalesceMap, type CoalesceMapOptions } from './coalesce-map.js';
export { debounceMap, type DebounceMapOptions } from './debounce-map.js';
export { mergeOrdered, type MergeOrderedOptions } from './merge-ordered.js';
export { retryBackoff, type RetryBackoffOptions } from './retry-backoff.js';
export { shareFor, type ShareForOptions } from './share-for.js';
export { throttleMap, type ThrottleMapOptions } from './throttle-map.js';
export type { Frames } from '../lib/core/frames.js';
export type { BatchAnswer, BatchLoad } from '../lib/core/merge/batch.js';
export type { BatchOptions } from '../lib/core/merge/batch-rules.js';
export type { CallKey } from '../lib/core/merge/call-key.js';
export type { Overflow } from '../lib/core/overflow.js';
export { type Batcher, type BatcherState, createBatcher } from '../lib/core/policy/batcher.js';
export {
  type Coalescer,
  type CoalescerOptions,
  type CoalescerState,
  createCoalescer,
} from '../lib/core/policy/coalescer.js';
export type { Concurrency, LimitSource } from '../lib/core/policy/limit-source.js';
export type { Outcome } from '../lib/core/policy/outcome.js';
export { type PolicyEvent, policyEvents } from '../lib/core/policy/policy-events.js';
export type { ProjectContext } from '../lib/core/project.js';
