import { fetchCapabilities, follow } from '#fetch';

import { ConfigError } from '../core/errors.js';
import type { Transport } from './contract.js';
import type { FetchLike } from './fetch-answer.js';
import { openFetch } from './fetch-exchange.js';

/** Settings for {@link fetchTransport}. */
export interface FetchTransportOptions {
  /** @defaultValue the platform's, looked up by each call */
  readonly fetch?: FetchLike;
}

/**
 * Sends by the platform's `fetch`: browsers, workers, Deno, Bun, React Native, Node.
 *
 * What it can do is found by trying, once; see `capabilities`. The rest is up to the platform:
 *
 * - content encodings are undone unseen, in any number, and a gzip body cut short may pass for whole;
 * - trailers and the progress of uploads are not shown, nor how large a head may be;
 * - Chromium sends stream bodies over HTTP/2 and HTTP/3 only, reads some 64 MiB ahead of a paused answer, and may read
 *   on for up to 5 s or 16 KiB after an abort, in the hope of keeping the connection.
 *
 * Errors: NetworkError, with the phase where the platform tells it (browsers do not), DecodeError and ProtocolError
 * where it tells of them, RedirectError for a redirect that may not be followed and that the platform hides.
 *
 * @throws ConfigError where there is no `fetch`
 */
export function fetchTransport(options: FetchTransportOptions = {}): Transport {
  const fetchNow = (): FetchLike | undefined => options.fetch ?? (globalThis as { fetch?: FetchLike }).fetch;
  if (!fetchNow()) throw new ConfigError('transport', 'there is no fetch here: pass { fetch } or use crossFetch()');
  const capabilities = fetchCapabilities();
  const hidden = capabilities.redirects === 'platform';
  return { capabilities, follow, open: (request, sink) => openFetch(request, sink, fetchNow()!, hidden) };
}
