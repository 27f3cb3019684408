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

/** The answer's headers; React Native's have no `getSetCookie`. */
export function viewOf(some: FetchAnswer['headers']): HeadersView {
  const headers = some as { -readonly [K in keyof HeadersView]: HeadersView[K] };
  if (!headers.getSetCookie) {
    const cookies = (): string[] => [headers.get('set-cookie') ?? []].flat();
    headers.getSetCookie = cookies;
  }
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

/**
 * How many bytes the body must have, 0 where that is not known: browsers take a body over HTTP/2 that ends early for
 * whole. An answer of another origin may hide that it was compressed.
 */
export function leastBytes({ type, status, headers }: FetchAnswer, method: string): number {
  const tells = type === 'basic' && method !== 'HEAD' && status !== 304 && !headers.has('content-encoding');
  return (tells && Number(headers.get('content-length'))) || 0;
}

/** @param hidden - whether the redirect was stopped and not shown, rather than followed */
export function refusedRedirect(hidden: boolean, url: string): RedirectError {
  const what = hidden ? 'a redirect to where the platform does not tell' : `the platform followed a redirect to ${url}`;
  return new RedirectError(`${what}; redirects: 'platform' allows it`);
}
