import { Buffer } from 'node:buffer';
import { request } from 'node:http';
import type { Socket } from 'node:net';

import { ConfigError, NetworkError } from '../core/errors.js';
import { readOptions } from '../core/options.js';
import {
  type Connect,
  type Connected,
  type Connecting,
  connector,
  readTls,
  type Target,
  type TlsOptions,
} from './undici-connect.js';

/** A proxy that opens tunnels (`CONNECT`). */
export interface ProxyOptions {
  /** `http:` or `https:`; user and password in it become the proxy's `Proxy-Authorization`. */
  readonly url: string | URL;
  /** `Proxy-Authorization`, where it is not user and password: `Bearer ...`. */
  readonly authorization?: string;
  /** Further fields for the proxy alone. */
  readonly headers?: Readonly<Record<string, string>>;
  /** How to trust a proxy that is spoken to over TLS. */
  readonly tls?: TlsOptions;
}

/**
 * Connects through a proxy's tunnel. What the proxy is told never travels in a request, and the other way round.
 *
 * @param direct - makes the tunnel secure, where the target is
 * @throws ConfigError when the options make no sense
 */
export function tunnel(given: string | ProxyOptions, connectMs: number, direct: Connect): Connect {
  const proxy = readProxy(given);
  const toProxy = connector(readTls(proxy.tls, 'undici.proxy.tls'), connectMs, false);
  const url = urlOf(proxy.url);
  const headers = { ...proxy.headers, ...authorizationOf(url, proxy.authorization) };
  const { protocol, host, hostname, port } = url;
  return (target, connected) => {
    let givenUp = false;
    const step: { now: Connecting } = { now: { cancel: () => {} } };
    const opened: Connected = (error, socket) => {
      if (givenUp) return void socket?.destroy();
      if (error) return connected(error, null);
      step.now = { cancel: () => void socket.destroy() };
      ask(socket, target, headers, `${protocol}//${host}`, (refused, open) => {
        if (refused) return connected(refused, null);
        if (target.protocol !== 'https:') return connected(null, open);
        step.now = direct({ ...target, httpSocket: open }, connected);
      });
    };
    step.now = toProxy({ protocol, host, hostname, port }, opened);
    return {
      cancel: () => {
        givenUp = true;
        step.now.cancel();
      },
    };
  };
}

const NAMES = ['url', 'authorization', 'headers', 'tls'] as const;

function readProxy(given: string | ProxyOptions): ProxyOptions {
  return typeof given === 'string'
    ? { url: given }
    : (readOptions(given, NAMES, 'undici.proxy') as unknown as ProxyOptions);
}

/** What is refused is not quoted: it may hold a password. */
function urlOf(given: string | URL): URL {
  const url = URL.canParse(String(given)) ? new URL(given) : undefined;
  if (url && (url.protocol === 'http:' || url.protocol === 'https:')) return url;
  throw new ConfigError('undici.proxy', 'must be a URL that begins with http:// or https://');
}

/** Asks for the tunnel on a socket to the proxy. */
function ask(socket: Socket, target: Target, headers: Record<string, string>, proxy: string, answer: Connected): void {
  const authority = `${target.hostname}:${target.port || (target.protocol === 'https:' ? 443 : 80)}`;
  const asked = request({
    method: 'CONNECT',
    path: authority,
    headers: { host: authority, ...headers },
    createConnection: () => socket,
  });
  asked.once('error', (error) => answer(error, null));
  asked.once('connect', ({ statusCode = 0 }, _socket, early) => {
    if (early.length > 0) socket.unshift(early);
    if (statusCode >= 200 && statusCode < 300) return answer(null, socket);
    socket.destroy();
    const said = `the proxy ${proxy} answered ${statusCode} to CONNECT ${authority}`;
    answer(new NetworkError(said, 'connect', { retryable: statusCode >= 500 }), null);
  });
  asked.end();
}

function authorizationOf(url: URL, given: string | undefined): Record<string, string> {
  if (given !== undefined) return { 'proxy-authorization': given };
  if (url.username === '' && url.password === '') return {};
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` };
}
