import type { Transport } from './contract.js';
import { openFetch } from './fetch-exchange.js';
import { fetchByXhr } from './xhr-fetch.js';

/**
 * Sends by XMLHttpRequest: browsers, where the progress of an upload is wanted.
 *
 * The answer's body comes whole, at the end, and may not pass `limits.bodyBytes` (`errorBodyBytes` from status 300 on):
 * LimitError. Redirects are followed by the browser, unseen; one that was not to be followed is known only afterwards:
 * RedirectError. Streams, `cookies: 'omit'`, `cache` and `keepalive` cannot be had: ConfigError.
 */
export function xhr(): Transport {
  return {
    capabilities: {
      responseStream: false,
      pause: false,
      uploadStream: false,
      uploadProgress: true,
      trailers: false,
      redirects: 'platform',
      decodesBody: true,
      rawHeaders: false,
    },
    open: (request, sink) => openFetch(request, sink, fetchByXhr(request, sink), true),
  };
}
