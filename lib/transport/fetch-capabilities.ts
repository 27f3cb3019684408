import type { Capabilities } from './contract.js';
import { probe, streamBodies } from './stream-bodies.js';

const platform = globalThis as unknown as { readonly Response?: { readonly prototype: object } };

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
  const streams = streamBodies();
  return {
    responseStream,
    pause: responseStream,
    uploadStream: streams === 'half' || (rawHeaders && streams === 'plain'),
    uploadProgress: false,
    trailers: false,
    redirects: rawHeaders && responseStream ? 'manual' : 'platform',
    decodesBody: true,
    rawHeaders,
  };
}
