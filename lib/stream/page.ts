import type { PROGRESS } from '../core/progress.js';
import type { ApiResponse } from '../http/answer-types.js';
import type { Happening } from './stream-events.js';

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

/** What may happen to a page. */
export type PageHappening<C> =
  | {
      /** It is asked for. */
      readonly type: 'connecting';
    }
  | Extract<Happening, { readonly type: 'waiting' }>
  | {
      /** It is here, and its items follow. */
      readonly type: 'page';
      /** How many items it has. */
      readonly items: number;
      /** Where the next page lies; `undefined` behind the last one. */
      readonly next: C | undefined;
    };

/** How the pages of a list are fetched. */
export type PageEvent<C = string> = PageHappening<C> & {
  /** `isProgress` is true of it. */
  readonly [PROGRESS]: true;
  /** Which page this is about, counted from 1. */
  readonly page: number;
  /** Which attempt at that page, counted from 1. */
  readonly attempt: number;
  /** When this was so. Unit: milliseconds since 1970, on the client's clock. */
  readonly sinceMs: number;
  /** Where that page lies, to go on `from` there later; `undefined` for the first one. */
  readonly cursor: C | undefined;
};
