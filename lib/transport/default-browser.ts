import type { Transport } from './contract.js';
import { fetchTransport } from './fetch.js';
import type { FetchLike } from './fetch-answer.js';
import { openFetch } from './fetch-exchange.js';
import { isStream } from './web-body.js';

/**
 * The browser's fetch; XMLHttpRequest, loaded by the first call that needs it, where somebody looks at the progress
 * of an upload. Not for bodies that are streams, which it cannot send, nor for answers of many values, which it would
 * hold back to the end: these go by fetch, without progress.
 */
export function defaultTransport(): Transport {
  const byFetch = fetchTransport();
  if (!('XMLHttpRequest' in globalThis)) return byFetch;
  return {
    capabilities: { ...byFetch.capabilities, uploadProgress: true },
    open(request, sink) {
      const { body, stream, uploadProgress } = request;
      if (!uploadProgress || stream || body === undefined || isStream(body)) return byFetch.open(request, sink);
      const byXhr: FetchLike = async (url, init) => {
        const { fetchByXhr } = await import('./xhr.js');
        return fetchByXhr(request, sink)(url, init);
      };
      return openFetch(request, sink, byXhr, true);
    },
  };
}
