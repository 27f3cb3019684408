import type { Capabilities, Transport } from './contract.js';
import type { FetchLike } from './fetch-answer.js';
import { fetchCapabilities } from './fetch-capabilities.js';
import { openFetch } from './fetch-exchange.js';
import { followRedirect } from './follow-redirect.js';
import type { NodeModules } from './node-fetch.js';

interface Platform {
  readonly fetch?: FetchLike;
  readonly process?: { readonly getBuiltinModule?: NodeModules };
}
const platform = globalThis as unknown as Platform;

/**
 * Elsewhere than on Node, cross-fetch hands out the platform's own fetch, or makes one of XMLHttpRequest: whole bodies,
 * redirects followed unseen.
 */
function capabilities(node: boolean): Capabilities {
  if (!node && platform.fetch) return fetchCapabilities();
  return {
    responseStream: node,
    pause: node,
    uploadStream: node,
    uploadProgress: false,
    trailers: false,
    redirects: node ? 'manual' : 'platform',
    decodesBody: !node,
    rawHeaders: node,
  };
}

/**
 * Sends by the package `cross-fetch`, loaded by the first call: the last resort where there is no `fetch`.
 *
 * On Node that is node-fetch 2, mended where it needs to be: a body cut short fails instead of hanging, content codings
 * are undone in full and counted, blobs, forms and web streams are sent as what they are, reading is driven by demand.
 */
export function crossFetch(): Transport {
  const modules = platform.process?.getBuiltinModule;
  const can = capabilities(!!modules);
  let loading: Promise<FetchLike> | undefined;
  // A cast, so that the package's types do not bring the DOM library into this compilation.
  const load = async () => ((await import('cross-fetch' as string)) as { fetch: FetchLike }).fetch;
  return {
    capabilities: can,
    follow: can.redirects === 'manual' ? followRedirect : undefined,
    open(request, sink) {
      const fetch: FetchLike = async (url, init) => {
        const send = await (loading ??= load());
        if (!modules) return send(url, init);
        const { nodeFetch } = await import('./node-fetch.js');
        return nodeFetch(send, modules, request.limits.encodings)(url, init);
      };
      return openFetch(request, sink, fetch, can.redirects === 'platform');
    },
  };
}
