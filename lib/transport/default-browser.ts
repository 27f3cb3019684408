import { isStream } from './body-kinds.js';
import type { Transport, TransportRequest } from './contract.js';
import { fetchTransport } from './fetch.js';
import type { FetchLike } from './fetch-answer.js';
import { openFetch } from './fetch-exchange.js';

/** Whether XMLHttpRequest can send a request as it is meant, and may hold its answer back to the end. */
function fitsXhr({ body, stream, cache, cookies, keepalive }: TransportRequest): boolean {
  return body !== undefined && !isStream(body) && !stream && !cache && !keepalive && cookies !== 'omit';
}

/**
 * The browser's fetch; XMLHttpRequest, loaded by the first call that needs it, where somebody looks at the progress
 * of an upload. What XMLHttpRequest cannot do goes by fetch, without progress.
 */
export function defaultTransport(): Transport {
  const byFetch = fetchTransport();
  if (!('XMLHttpRequest' in globalThis)) return byFetch;
  return {
    capabilities: { ...byFetch.capabilities, uploadProgress: true },
    open(request, sink) {
      if (!request.uploadProgress || !fitsXhr(request)) return byFetch.open(request, sink);
      const byXhr: FetchLike = async (url, init) => {
        const { fetchByXhr } = await import('./xhr-fetch.js');
        return fetchByXhr(request, sink)(url, init);
      };
      return openFetch(request, sink, byXhr, true);
    },
  };
}
