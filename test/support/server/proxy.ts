import { createServer, type IncomingMessage, request as forward, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

import { createConnections } from './connections.js';
import { listen, stopListening } from './listeners.js';
import type { Site } from './types.js';

export interface ProxyOptions {
  /** Asks for Basic credentials, `user:pass`. */
  readonly credentials?: string;
  /** Refuses every tunnel: with this status, or by a reset. */
  readonly refuse?: number | 'reset' | 'stall';
}

/** One request that reached the proxy. */
export interface Proxied {
  readonly kind: 'tunnel' | 'forward';
  /** `host:port` of a tunnel, the absolute URL of a forwarded request. */
  readonly target: string;
  readonly authorization: string | undefined;
  readonly outcome: 'open' | 'refused';
}

export interface Proxy extends Site {
  proxied(): readonly Proxied[];
  /** Tunnels made so far. */
  tunnels(): number;
  sockets(): number;
  close(): Promise<void>;
}

/** An HTTP proxy. Whatever host a client names, the proxy dials 127.0.0.1 at that port: nothing leaves the machine. */
export async function startProxy(options: ProxyOptions = {}): Promise<Proxy> {
  const log: Proxied[] = [];
  const connections = createConnections();
  const server = createServer();
  const outgoing = new Set<Socket>();
  const note = (kind: Proxied['kind'], request: IncomingMessage): Refusal => {
    const authorization = request.headers['proxy-authorization'];
    const refusal = refusalOf(options, authorization);
    log.push({ kind, target: request.url ?? '', authorization, outcome: refusal === undefined ? 'open' : 'refused' });
    return refusal;
  };
  connections.track(server);
  server.on('clientError', () => {});
  server.on('connect', (request: IncomingMessage, client: Duplex, head: Buffer) => {
    const refusal = note('tunnel', request);
    if (refusal === 'reset') return connections.of(request.socket).reset();
    if (refusal === 'stall') return;
    if (refusal !== undefined) return void client.end(refusalText(refusal));
    tunnel(request, client, head, outgoing);
  });
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const refusal = note('forward', request);
    if (refusal === 'reset') return connections.of(request.socket).reset();
    if (refusal === 'stall') return;
    if (refusal !== undefined) return void response.writeHead(refusal, { 'proxy-authenticate': 'Basic' }).end();
    pass(request, response);
  });
  const site = await listen(server, 'http');
  return {
    ...site,
    proxied: () => log,
    tunnels: () => log.filter(({ kind, outcome }) => kind === 'tunnel' && outcome === 'open').length,
    sockets: connections.open,
    async close() {
      const stopped = stopListening(server);
      for (const socket of outgoing) socket.destroy();
      await Promise.all([stopped, connections.destroyAll()]);
    },
  };
}

type Refusal = number | 'reset' | 'stall' | undefined;

function refusalOf({ credentials, refuse }: ProxyOptions, given: string | undefined): Refusal {
  if (refuse !== undefined) return refuse;
  const wanted = credentials && `Basic ${Buffer.from(credentials).toString('base64')}`;
  return wanted !== undefined && wanted !== given ? 407 : undefined;
}

function refusalText(status: number): string {
  const ask = status === 407 ? 'proxy-authenticate: Basic realm="test"\r\n' : '';
  return `HTTP/1.1 ${status} Refused\r\n${ask}content-length: 7\r\nconnection: close\r\n\r\nrefused`;
}

/** Two pipes; either end takes the other with it. */
function tunnel(request: IncomingMessage, client: Duplex, head: Buffer, outgoing: Set<Socket>): void {
  const port = Number(request.url?.split(':').at(-1));
  const target = connect(port, '127.0.0.1');
  outgoing.add(target);
  client.on('error', () => target.destroy());
  client.once('close', () => target.destroy());
  target.once('close', () => {
    outgoing.delete(target);
    client.destroy();
  });
  target.on('error', () => void client.end(refusalText(502)));
  target.once('connect', () => {
    client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    target.write(head);
    client.pipe(target).pipe(client);
  });
}

function pass(request: IncomingMessage, response: ServerResponse): void {
  const { port, pathname, search } = new URL(request.url ?? '');
  const { 'proxy-authorization': _, 'proxy-connection': __, ...headers } = request.headers;
  const target = {
    host: '127.0.0.1',
    port,
    path: pathname + search,
    method: request.method ?? 'GET',
    headers,
    agent: false,
  };
  const onward = forward(target, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
    answer.pipe(response);
  });
  onward.on('error', () => response.destroy());
  response.once('close', () => onward.destroy());
  request.pipe(onward);
}
