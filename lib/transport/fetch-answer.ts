import { RedirectError } from '../core/answer-errors.js';
import type { HeadersView } from '../core/wire.js';

/** What one read of a body gives. */
export interface FetchRead {
  readonly done?: boolean | undefined;
  readonly value?: Uint8Array | undefined;
}

/** What is used of a `Response`. */
export interface FetchAnswer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Pick<HeadersView, 'get' | 'has'>;
  readonly url: string;
  readonly redirected?: boolean;
  readonly type?: string;
  /** Without it, the body is read whole, as on React Native. */
  readonly body?: { getReader(): { read(): PromiseLike<FetchRead> } } | null;
  arrayBuffer(): PromiseLike<ArrayBuffer>;
}

/** Any `fetch`: the platform's, a framework's, a test's. Written as a method, so that each fits with its own types. */
export type FetchLike = { fetch(url: string, init: object): PromiseLike<FetchAnswer> }['fetch'];

/** Headers that may lack a member: React Native's have no `getSetCookie`, node-fetch's have `raw` for it. */
type SomeHeaders = { -readonly [K in keyof HeadersView]: HeadersView[K] } & {
  getSetCookie?: () => string[];
  raw?(): Record<string, string[]>;
};

/** The answer's headers, complete. */
export function viewOf(some: FetchAnswer['headers']): HeadersView {
  const headers = some as SomeHeaders;
  headers.getSetCookie ??= () => headers.raw?.()['set-cookie'] ?? [headers.get('set-cookie') ?? []].flat();
  return headers;
}

/** A body that can only be had whole, read as if it came in pieces. */
async function* whole(answer: FetchAnswer): AsyncGenerator<Uint8Array, undefined> {
  const bytes = new Uint8Array(await answer.arrayBuffer());
  if (bytes.length > 0) yield bytes;
}

/** How the body is read, a piece at a time. */
export function readerOf(answer: FetchAnswer): () => PromiseLike<FetchRead> {
  if (!answer.body) {
    const pieces = whole(answer);
    return () => pieces.next();
  }
  const reader = answer.body.getReader();
  return () => reader.read();
}

/** @param hidden - whether the redirect was stopped and not shown, rather than followed */
export function refusedRedirect(hidden: boolean, url: string): RedirectError {
  const what = hidden
    ? 'the server redirects, and this platform hides where to'
    : `the platform followed a redirect to ${url}`;
  return new RedirectError(`${what}: redirects: 'platform' allows it`);
}
