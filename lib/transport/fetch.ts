import { ConfigError } from '../core/errors.js';
import type { Transport } from './contract.js';
import type { FetchLike } from './fetch-answer.js';
import { fetchCapabilities } from './fetch-capabilities.js';
import { openFetch } from './fetch-exchange.js';

/** Settings for {@link fetchTransport}. */
export interface FetchTransportOptions {
  /** @defaultValue the platform's, looked up by each call */
  readonly fetch?: FetchLike;
}

/**
 * Sends by the platform's `fetch`: browsers, workers, Deno, Bun, React Native, Node.
 *
 * What it can do is found by trying, once; see `capabilities`. Limits of it: content encodings are undone by the
 * platform, unbounded in number; trailers and upload progress are not shown; Chromium sends stream bodies over HTTP/2
 * and HTTP/3 only. Errors: NetworkError, with the phase where the platform tells it (browsers do not); DecodeError
 * where a content encoding is broken and the platform tells; RedirectError where a redirect may not be followed.
 *
 * @throws ConfigError where there is no `fetch`
 */
export function fetchTransport(options: FetchTransportOptions = {}): Transport {
  const fetchNow = (): FetchLike | undefined => options.fetch ?? (globalThis as { fetch?: FetchLike }).fetch;
  if (!fetchNow()) throw new ConfigError('transport', 'there is no fetch here: pass { fetch } or use crossFetch()');
  const capabilities = fetchCapabilities();
  const hidden = capabilities.redirects === 'platform';
  return { capabilities, open: (request, sink) => openFetch(request, sink, fetchNow()!, hidden) };
}
