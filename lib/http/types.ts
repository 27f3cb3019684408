import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Observable } from 'rxjs';

import type { Decoder } from '../codec/decoder.js';
import type { Backoff } from '../core/backoff.js';
import type { Budget } from '../core/budget.js';
import type { Clock } from '../core/clock.js';
import type { FlowOperator } from '../core/flow.js';
import type { Random } from '../core/random.js';
import type { Limits } from '../core/wire.js';
import type { BlobLike, ByteStream, FormDataLike, Transport } from '../transport/contract.js';
import type { ApiEvent } from './answer-types.js';
import type { Auth } from './credentials.js';

/** Header fields to send: a record, or pairs such as a `Headers` gives. `undefined` leaves a field out. */
export type HeadersInput =
  | Readonly<Record<string, string | number | readonly string[] | undefined>>
  | Iterable<readonly [string, string]>;

/** One value of a query. */
export type QueryScalar = string | number | bigint | boolean | Date;

/**
 * The query: `undefined` and `null` drop the key, a `Date` is sent as ISO 8601, an array repeats the key. NaN,
 * functions and nested objects are refused. Or pairs, such as `URLSearchParams` gives.
 */
export type QueryInput =
  | Readonly<Record<string, QueryScalar | readonly QueryScalar[] | null | undefined>>
  | Iterable<readonly [string, string]>;

/** A value that `JSON.stringify` can write. */
export type JsonInput = object | string | number | boolean | null;

/**
 * A body, sent anew by each attempt.
 *
 * A string is sent as it is (`text/plain`), bytes and blobs as they are, `URLSearchParams` and `FormData` as forms,
 * anything else as JSON. A stream needs a function that makes it: `body: () => stream()`.
 */
export type BodyInput = JsonInput | Uint8Array | ArrayBuffer | BlobLike | FormDataLike | ByteStream;

/** Time limits. Unit: milliseconds; `false` or `Infinity` switches one off. */
export interface Timeouts {
  /** Waiting for one of the client's connections. @defaultValue 30 000, as long as the call may take */
  readonly queueMs: number;
  /** From the connection to the head of the answer, each hop. @defaultValue 10 000 */
  readonly headersMs: number;
  /** Silence of the server while we are ready to read. @defaultValue 30 000 */
  readonly idleMs: number;
  /** One attempt, from when it has a connection. Ends at the head for many-value bodies. @defaultValue 10 000 */
  readonly attemptMs: number;
  /** The call: queue, attempts and waits between them. Ends at the head for many-value bodies. @defaultValue 30 000 */
  readonly totalMs: number;
}

/** {@link Timeouts} as a caller gives them. */
export type TimeoutsInput = { readonly [K in keyof Timeouts]?: number | false } | false;

/** How a failed call is tried again. */
export interface RetryOptions {
  /** Attempts in all, the first included. @defaultValue 3 */
  readonly attempts?: number;
  /** Wait before each retry. @defaultValue full jitter: 100 ms doubling to 20 s; 1 s after a 429 */
  readonly backoff?: Backoff;
  /** Which errors deserve a retry. @defaultValue those that say `retryable` */
  readonly when?: (error: unknown) => boolean;
  /** What bounds the retries of all calls together. @defaultValue one per origin, shared with every `extend` */
  readonly budget?: Budget | false;
  /** A `Retry-After` beyond this fails the call at once, with `retryAt`. Unit: milliseconds. @defaultValue 60 000 */
  readonly maxRetryAfterMs?: number;
}

/** Whether cookies go along: what browsers call credentials. */
export type Cookies = 'omit' | 'same-origin' | 'include';

/**
 * What becomes of redirects. `follow` refuses those that could carry a body or a secret off unseen, where the
 * platform follows by itself; `platform` lets it.
 */
export type Redirects = 'follow' | 'error' | 'manual' | 'platform';

/** The least a caller's signal must have. */
export interface AbortSignalLike {
  readonly aborted: boolean;
  readonly reason?: unknown;
  addEventListener(type: 'abort', listener: { handleEvent(): void }): void;
  removeEventListener(type: 'abort', listener: { handleEvent(): void }): void;
}

/** A `URL` of any realm. */
export interface UrlLike {
  readonly href: string;
}

/** Settings of a client. Read once; an unknown key is a ConfigError. */
export interface ApiOptions {
  /** The directory that paths are joined below. Relative where `location` exists. */
  readonly baseUrl?: string | UrlLike;
  /** Absolute URLs beside a `baseUrl`. @defaultValue 'refuse' */
  readonly absolute?: 'refuse' | 'allow';
  /** Sent to the origin of `baseUrl` only. */
  readonly headers?: HeadersInput;
  /** Credentials, each bound to its origins, applied last and on every hop. */
  readonly auth?: readonly Auth[];
  readonly cookies?: Cookies;
  /** The mode of the platform's HTTP cache, as `fetch` knows it. */
  readonly cache?: string;
  readonly keepalive?: boolean;
  /** Around each call, outermost first. */
  readonly layers?: readonly (Layer | Policy)[];
  /** @defaultValue on, see {@link RetryOptions} */
  readonly retry?: RetryOptions | false;
  /** Around each attempt, outermost first. */
  readonly attemptLayers?: readonly (Layer | Policy)[];
  readonly timeouts?: TimeoutsInput;
  readonly limits?: Partial<Limits>;
  /** @defaultValue undici on Node, the platform's fetch elsewhere */
  readonly transport?: Transport;
  readonly clock?: Clock;
  readonly random?: Random;
}

/** Settings of one call. Read once; an unknown key is a ConfigError. */
export interface CallOptions<T = unknown> {
  /** Values of the path's template (RFC 6570). A value that would climb is refused. */
  readonly path?: Readonly<Record<string, string | number>>;
  readonly query?: QueryInput;
  readonly body?: BodyInput | (() => BodyInput);
  readonly headers?: HeadersInput;
  /** How the body is read. @defaultValue json() */
  readonly as?: Decoder<T> | StandardSchemaV1<unknown, T>;
  /** Makes POST and PATCH retryable; `true` makes a UUID, kept across the attempts of one subscription. */
  readonly idempotencyKey?: string | true;
  readonly timeouts?: TimeoutsInput;
  readonly retry?: RetryOptions | false;
  readonly limits?: Partial<Limits>;
  readonly signal?: AbortSignalLike;
  /** For layers; never sent. */
  readonly context?: Readonly<Record<string, unknown>>;
  readonly cookies?: Cookies;
  readonly cache?: string;
  readonly keepalive?: boolean;
  /** @defaultValue 'follow' */
  readonly redirects?: Redirects;
}

/** What layers see of a call, and may change by passing on a copy. */
export interface ApiRequest {
  readonly method: string;
  readonly url: string;
  /** The path as the caller wrote it, before its template was filled: a key with few values. */
  readonly route: string;
  /** Names in lower case. Credentials are added later. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: BodyInput | (() => BodyInput) | undefined;
  readonly context: Readonly<Record<string, unknown>>;
  /** 0 in `layers`, from 1 in `attemptLayers`. */
  readonly attempt: number;
}

/** Runs a request: what a layer calls to go on. */
export type Handler = (request: ApiRequest) => Observable<ApiEvent<unknown>>;

/** Something around each call or attempt: telemetry, caches, breakers. The shape of Angular's functional interceptors. */
export type Layer = (request: ApiRequest, next: Handler) => Observable<ApiEvent<unknown>>;

/** An operator of millrace that may stand in place of a layer: a breaker, a limit, `standardPolicies()`. */
export type Policy = FlowOperator<ApiEvent<unknown>, ApiEvent<unknown>>;
