export { debounceMap, type DebounceMapOptions } from './debounce-map.js';
export { mergeOrdered, type MergeOrderedOptions } from './merge-ordered.js';
export { retryBackoff, type RetryBackoffOptions } from './retry-backoff.js';
export type { ProjectContext } from '../lib/core/project.js';
