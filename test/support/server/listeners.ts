import { createServer as createHttp, type IncomingMessage, type ServerResponse } from 'node:http';
import { createSecureServer, Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo, Server as NetServer, Socket } from 'node:net';

import { identityOf } from './certificates.js';
import type { Connection, Connections } from './connections.js';
import type { Site, Wire } from './types.js';
import { http1Wire, http2Wire } from './wires.js';

export interface Listener {
  readonly site: Site;
  readonly server: NetServer;
}

/** Gets every request of every origin. `expects` says that the client waits for 100 (Continue). */
export type OnRequest = (at: string, wire: Wire, connection: Connection, expects: boolean) => void;

/** No deadline and no limit of the server's own may decide a test; what it limits, a route limits. */
const http1Options = {
  keepAliveTimeout: 0,
  headersTimeout: 0,
  requestTimeout: 0,
  maxHeaderSize: 1024 * 1024,
};

const identities = {
  secure: 'localhost',
  wrongHost: 'wrong-host',
  expired: 'expired',
  selfSigned: 'self-signed',
} as const;

const makers = {
  main: () => createHttp(http1Options),
  other: () => createHttp(http1Options),
  third: () => createHttp(http1Options),
  secure: () => createHttps({ ...http1Options, ...identityOf(identities.secure) }),
  wrongHost: () => createHttps({ ...http1Options, ...identityOf(identities.wrongHost) }),
  expired: () => createHttps({ ...http1Options, ...identityOf(identities.expired) }),
  selfSigned: () => createHttps({ ...http1Options, ...identityOf(identities.selfSigned) }),
  h2: () => createSecureServer({ ...http1Options, ...identityOf('localhost'), allowHTTP1: true }),
};

type Name = keyof typeof makers;

export type Listeners = Readonly<Record<Name, Listener>>;

/** Starts every origin. */
export async function listenAll(
  connections: Connections,
  onRequest: OnRequest,
  onRefused: () => void,
): Promise<Listeners> {
  const started = (Object.keys(makers) as Name[]).map(async (name): Promise<[Name, Listener]> => {
    const server: NetServer = makers[name]();
    connections.track(server);
    const scheme = name in identities || name === 'h2' ? 'https' : 'http';
    const site = await listen(server, scheme, name === 'third' ? 'localhost' : '127.0.0.1');
    const handle = (request: IncomingMessage, response: ServerResponse, expects: boolean) => {
      quiet(request, response);
      const connection = connections.of(request.socket);
      onRequest(site.origin, wireOf(request, response, connection), connection, expects);
    };
    server.on('request', (request, response) => handle(request, response, false));
    server.on('checkContinue', (request, response) => handle(request, response, true));
    server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
      if (error.code?.startsWith('HPE_') && error.code !== 'HPE_INVALID_EOF_STATE') onRefused(); // the other one left
      if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n');
      else socket.destroy();
    });
    server.on('tlsClientError', () => {});
    server.on('sessionError', () => {});
    return [name, { site, server }];
  });
  return Object.fromEntries(await Promise.all(started)) as Listeners;
}

function wireOf(request: IncomingMessage, response: ServerResponse, connection: Connection): Wire {
  const [incoming, outgoing]: [unknown, unknown] = [request, response];
  if (incoming instanceof Http2ServerRequest && outgoing instanceof Http2ServerResponse) {
    return http2Wire(incoming, outgoing);
  }
  return http1Wire(request, response, connection);
}

/** Broken exchanges are the trade here: none of their errors is news. */
function quiet(request: IncomingMessage, response: ServerResponse): void {
  request.on('error', () => {});
  response.on('error', () => {});
}

export function listen(server: NetServer, scheme: string, host = '127.0.0.1'): Promise<Site> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      server.off('error', reject);
      const { port } = server.address() as AddressInfo;
      const origin = `${scheme}://${host}:${port}`;
      resolve({ origin, port, url: (path) => origin + path });
    });
  });
}

export function stopListening(server: NetServer): Promise<void> {
  return new Promise((resolve) => void server.close(() => resolve()));
}
