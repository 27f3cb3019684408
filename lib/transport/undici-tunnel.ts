import { Buffer } from 'node:buffer';
import { request } from 'node:http';
import type { Socket } from 'node:net';

import { ConfigError } from '../core/errors.js';
import { type Connect, type Connected, type Connecting, connector, type Target, targetOf } from './undici-connect.js';
import type { ProxyOptions } from './undici-options.js';

/**
 * Connects through a proxy's tunnel. What the proxy is told never travels in a request, and the other way round.
 *
 * @param direct - makes the tunnel secure, where the target is
 * @throws ConfigError when the options make no sense
 */
export function tunnel(proxy: ProxyOptions, connectMs: number, direct: Connect): Connect {
  const toProxy = connector(proxy.tls ?? {}, connectMs, false);
  const url = urlOf(proxy.url);
  const headers = { ...proxy.headers, ...authorizationOf(url, proxy.authorization) };
  return (target, connected) => {
    let givenUp = false;
    const step: { now: Connecting } = { now: { cancel: () => {} } };
    const opened: Connected = (error, socket) => {
      if (givenUp) return void socket?.destroy();
      if (error) return connected(error, null);
      step.now = { cancel: () => void socket.destroy() };
      ask(socket, target, headers, url.origin, (refused, open) => {
        if (refused) return connected(refused, null);
        if (target.protocol !== 'https:') return connected(null, open);
        step.now = direct({ ...target, httpSocket: open }, connected);
      });
    };
    step.now = toProxy(targetOf(url), opened);
    return {
      cancel: () => {
        givenUp = true;
        step.now.cancel();
      },
    };
  };
}

/** What is refused is not quoted: it may hold a password. */
function urlOf(given: ProxyOptions['url']): URL {
  const text = typeof given === 'string' ? given : given.href;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && (url.protocol === 'http:' || url.protocol === 'https:')) return url;
  throw new ConfigError('undici.proxy', 'must be a URL that begins with http:// or https://');
}

/** Asks for the tunnel on a socket to the proxy. */
function ask(socket: Socket, target: Target, headers: Record<string, string>, proxy: string, answer: Connected): void {
  const { host = target.hostname } = target;
  const authority = target.port ? host : `${host}:${target.protocol === 'https:' ? 443 : 80}`;
  const asked = request({
    method: 'CONNECT',
    path: authority,
    headers: { host: authority, ...headers },
    createConnection: () => socket,
  });
  asked.once('error', (cause) => answer(noTunnel(`the proxy ${proxy} hung up: ${cause.message}`, 0, cause), null));
  asked.once('connect', ({ statusCode = 0 }, _socket, early) => {
    if (early.length > 0) socket.unshift(early);
    if (statusCode >= 200 && statusCode < 300) return answer(null, socket);
    socket.destroy();
    answer(noTunnel(`the proxy ${proxy} answered ${statusCode} to CONNECT ${authority}`, statusCode), null);
  });
  asked.end();
}

/** No error of ours: several exchanges may fail with it, and each makes its own out of it. */
function noTunnel(said: string, proxyStatus: number, cause?: Error): Error {
  return Object.assign(new Error(said, { cause }), { proxyStatus });
}

function authorizationOf(url: URL, given: string | undefined): Record<string, string> {
  if (given !== undefined) return { 'proxy-authorization': given };
  if (url.username === '' && url.password === '') return {};
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` };
}
