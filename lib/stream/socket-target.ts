import { ConfigError } from '../core/errors.js';
import { type FlatHeaders, readHeaders } from '../http/headers.js';
import { parseTarget } from '../http/url.js';
import type { SocketAttempt, SocketUrl, WebSocketOptions } from './socket-types.js';

/** Where one attempt goes, and with what. */
export interface SocketTarget {
  readonly url: string;
  /** In terms of HTTP. */
  readonly origin: string;
  readonly headers: FlatHeaders;
}

// Structural, so that the public types need no DOM.
const platform = globalThis as unknown as {
  readonly URL: new (url: string, base: string) => { readonly href: string };
  readonly location?: { readonly href: string };
};

type Headers = WebSocketOptions<unknown, unknown>['headers'];

/** Asks anew where to connect to, and with what. */
export async function askTarget(url: SocketUrl, headers: Headers, attempt: SocketAttempt): Promise<SocketTarget> {
  const [given, fields] = await Promise.all([
    typeof url === 'function' ? url(attempt) : url,
    typeof headers === 'function' ? headers(attempt) : headers,
  ]);
  return { ...readSocketUrl(given), headers: readHeaders(fields, 'webSocket.headers') };
}

/** Reads a URL of ws, wss, http or https, or one that is relative to the page. */
export function readSocketUrl(input: unknown): Pick<SocketTarget, 'url' | 'origin'> {
  const isUrl = typeof input === 'string' || 'href' in Object(input);
  if (!isUrl) throw new ConfigError('webSocket.url', 'must be a string, a URL, or a function that gives one');
  let text = String(input);
  const page = platform.location?.href;
  if (!/^[a-z][\w+.-]*:/i.test(text) && page) text = new platform.URL(text, page).href;
  const http = text.replace(/^ws(?=s?:)/i, 'http');
  if (!/^https?:\/\//i.test(http)) throw new ConfigError('webSocket.url', 'must begin with wss:// or ws://');
  const { origin, path } = parseTarget(http, 'webSocket.url');
  return { url: origin.replace(/^http/, 'ws') + path, origin };
}
