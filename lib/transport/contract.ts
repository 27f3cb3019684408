import type { ApiError } from '../core/errors.js';
import type { Head, HeadersView, Limits } from '../core/wire.js';

/** A stream of bytes made by a body recipe: web stream, Node stream or generator. */
export type ByteStream = AsyncIterable<Uint8Array>;

/** A Blob of any realm. */
export interface BlobLike {
  readonly size: number;
  readonly type: string;
  arrayBuffer(): Promise<ArrayBuffer>;
  stream(): unknown;
}

/** A FormData of any realm. */
export interface FormDataLike extends Iterable<readonly [string, unknown]> {
  append(name: string, value: unknown): void;
  readonly [Symbol.toStringTag]: string;
}

/** What a transport sends: one attempt's body, made fresh from the call's recipe. */
export type TransportBody = string | Uint8Array | BlobLike | FormDataLike | ByteStream;

/** One exchange, ready to send: checked, joined, authorised. */
export interface TransportRequest {
  readonly method: string;
  /** Absolute, normalised, without userinfo or fragment; equals `origin + path`. */
  readonly url: string;
  readonly origin: string;
  /** Path and query. */
  readonly path: string;
  /** Names and values by turns, already checked. */
  readonly headers: readonly string[];
  readonly body: TransportBody | undefined;
  /** Bytes of the body where they are known beforehand. */
  readonly bodyBytes: number | undefined;
  /** The answer is a many-value body: it may last long and must not take a place from short calls. */
  readonly stream: boolean;
  /** Whether anyone listens to `uploaded`. */
  readonly uploadProgress: boolean;
  /** `manual`: hand redirects up as answers. `follow`: the caller allows the platform to follow by itself. */
  readonly redirect: 'manual' | 'follow' | 'error';
  readonly cookies: 'omit' | 'same-origin' | 'include' | undefined;
  readonly cache: string | undefined;
  readonly keepalive: boolean | undefined;
  readonly limits: Limits;
}

/** Receives what one exchange brings. Never called before `open` returns, nor after `abort`. */
export interface TransportSink {
  /** A connection is ours: called once, only where the handle said `waiting`. */
  assigned(): void;
  /** The request begins to leave. */
  sent(): void;
  /** Bytes of the body that have left, and all there are where that is known. */
  uploaded(loaded: number, total?: number): void;
  /** The final answer's head; informational answers (1xx) are not shown. */
  head(head: Head): void;
  /** A piece of the body, content encodings already undone where `decodesBody`. Ours to keep. */
  chunk(bytes: Uint8Array): void;
  /** The body is complete. Comes once, or `fail` does. */
  end(trailers?: HeadersView): void;
  fail(error: ApiError): void;
}

/** Steers one exchange. */
export interface TransportHandle {
  /** The exchange waits for a connection; `assigned` will tell when it has one. */
  readonly waiting: boolean;
  /** Stops `chunk` and `end`; reaches the socket where `capabilities.pause`. */
  pause(): void;
  resume(): void;
  /** Ends the exchange down to the socket and silences the sink; calling it again does nothing. */
  abort(reason?: unknown): void;
}

/** What a way of moving bytes can do. Nothing is dropped silently: the client refuses what is not here. */
export interface Capabilities {
  /** The answer's body arrives in pieces, not all at the end. */
  readonly responseStream: boolean;
  /** `pause` holds the sender back. */
  readonly pause: boolean;
  /** A body may be a stream of unknown length. */
  readonly uploadStream: boolean;
  /** `uploaded` is called as the body leaves. */
  readonly uploadProgress: boolean;
  readonly trailers: boolean;
  /** Who follows redirects: we do, hop by hop, or the platform does, unseen. */
  readonly redirects: 'manual' | 'platform';
  /** Content encodings are undone by the platform, so that `limits.encodings` cannot be set. */
  readonly decodesBody: boolean;
  /** All header fields can be sent and seen; `false` where the platform forbids or hides some. */
  readonly rawHeaders: boolean;
}

/** Where a request goes. `origin + path` is its URL. */
export interface Target {
  readonly origin: string;
  /** Path and query, percent-encoded. */
  readonly path: string;
}

/** One request of an attempt, without its credentials: the first, or one that a redirect asked for. */
export interface Hop {
  readonly method: string;
  readonly target: Target;
  /** Names in lower case and values by turns. */
  readonly headers: readonly string[];
  readonly withBody: boolean;
}

/** What a call says of redirects. */
export interface RedirectRules {
  readonly redirects: string;
  readonly limits: Limits;
  /** The body can be sent only once. */
  readonly once: boolean;
}

/** Reads an answer as a redirect: the next hop, or `undefined` when it is none. */
export type FollowRedirect = (rules: RedirectRules, hop: Hop, head: Head, hops: number) => Hop | undefined;

/** A way to move bytes: one attempt, no policy. */
export interface Transport {
  readonly capabilities: Capabilities;
  /** Where redirects are `manual`: `followRedirect`. Without it, a redirect is an answer like every other. */
  readonly follow?: FollowRedirect | undefined;
  open(request: TransportRequest, sink: TransportSink): TransportHandle;
  /** Waits for what runs, then closes the connections. */
  close?(): Promise<void>;
}
