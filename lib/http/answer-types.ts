import type { PROGRESS } from '../core/progress.js';
import type { HeadersView } from '../core/wire.js';

/** Where the time of a call went. Unit: milliseconds. */
export interface Timings {
  /** When the call was subscribed to, since 1970. */
  readonly startedAt: number;
  /** From there to the head of the final answer. */
  readonly headMs: number;
  /** From there to the end of its body. */
  readonly totalMs: number;
}

/** An answer without its body. */
export interface ResponseInfo {
  readonly status: number;
  readonly headers: HeadersView;
  /** The final URL, after redirects. */
  readonly url: string;
  readonly timings: Timings;
  readonly attempts: number;
}

/** A whole answer; the body of a many-value decoder is an array, within `limits.bodyBytes`. */
export interface ApiResponse<T> extends ResponseInfo {
  readonly body: T;
}

/** What happens on the way, each event tagged with its attempt. All but `value` and `response` are progress. */
export type ApiEvent<T> =
  | ProgressEvent
  | { readonly type: 'value'; readonly attempt: number; readonly value: T }
  | { readonly type: 'response'; readonly attempt: number; readonly response: ResponseInfo };

/** How a call is going; `isProgress` is true of it. */
export type ProgressEvent = { readonly [PROGRESS]: true; readonly attempt: number } & (
  | { readonly type: 'sent' }
  | { readonly type: 'upload' | 'download'; readonly loaded: number; readonly total?: number | undefined }
  | {
      readonly type: 'head';
      readonly status: number;
      readonly statusText?: string;
      readonly headers: HeadersView;
      readonly url: string;
    }
  | { readonly type: 'retry'; readonly delayMs: number; readonly error: unknown }
);
