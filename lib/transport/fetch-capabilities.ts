import type { Capabilities } from './contract.js';

interface Probe {
  readonly headers: { get(name: string): string | null };
}
/** What of the platform is asked. */
interface Platform {
  readonly Request: new (url: string, init: object) => Probe;
  readonly Response?: { readonly prototype: object };
  readonly ReadableStream: new () => object;
}
const platform = globalThis as unknown as Platform;

/** A Request that is never sent, or `undefined` where it cannot be made. */
function probe(init: object): Probe | undefined {
  try {
    return new platform.Request('http://a', init);
  } catch {
    return undefined;
  }
}

/**
 * Whether the platform throws away a header field of this name instead of sending it, as browsers do with `cookie`,
 * `host`, `sec-*` and others; asked of the platform itself, since the list grows.
 */
export function dropsHeader(name: string): boolean {
  return probe({ headers: [[name, 'a']] })?.headers.get(name) === null;
}

/**
 * What this platform's fetch can do, found by trying, not by name.
 *
 * The rules that make a browser drop forbidden header fields also hide redirects from it, so the first, which can be
 * seen without sending anything, tells of the second: Node, Deno, Bun and workerd do neither. A Response without
 * `body` is React Native's, which is XMLHttpRequest below: whole bodies, redirects followed unseen.
 */
export function fetchCapabilities(): Capabilities {
  const rawHeaders = !dropsHeader('sec-a');
  const responseStream = 'body' in (platform.Response?.prototype ?? { body: 0 });
  let duplex = false;
  const init = {
    method: 'POST',
    get body() {
      return new platform.ReadableStream();
    },
    get duplex() {
      duplex = true;
      return 'half';
    },
  };
  // A platform that does not know stream bodies sends their name as text; Safari knows them, but not for fetch.
  const type = probe(init)?.headers.get('content-type');
  return {
    responseStream,
    pause: responseStream,
    uploadStream: type === null && (rawHeaders || duplex),
    uploadProgress: false,
    trailers: false,
    redirects: rawHeaders && responseStream ? 'manual' : 'platform',
    decodesBody: true,
    rawHeaders,
  };
}
