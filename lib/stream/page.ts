import type { ApiResponse } from '../http/answer-types.js';

/** One page. */
export interface Page<T, C = string> {
  readonly items: readonly T[];
  /** Where this page lies; `undefined` for the first one. */
  readonly cursor: C | undefined;
  /** Where the next one lies, to go on `from` there later; `undefined` behind the last one. */
  readonly next: C | undefined;
  /** The whole answer, with its header fields and its body. */
  readonly response: ApiResponse<unknown>;
}
