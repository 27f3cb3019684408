import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

import { openTusStore, type TusStore } from '../tus-peer.js';
import { answerAcross } from './across.js';
import { type Route, routes } from './routes.js';
import { addSockets } from './sockets.js';
import { breakUploads } from './uploads.js';

/** Every kind of peer that a long-lived source talks to, on one origin; each of them lets go of its clients. */
export interface StreamPeers extends AsyncDisposable {
  readonly origin: string;
  /** Connections that are open now. */
  readonly open: number;
}

/** Starts peers for one client: what they break, they break once for each start. */
export async function startStreamPeers(): Promise<StreamPeers> {
  const tus = await openTusStore();
  const http = createServer((request, response) => serve(request, response, own, tus));
  const own = routes(addSockets(http));
  breakUploads(http);
  const sockets = new Set<Socket>();
  http.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
  });
  await once(http.listen(0, '127.0.0.1'), 'listening');
  return {
    origin: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    get open() {
      return sockets.size;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => http.close(resolve));
      await tus.remove();
    },
  };
}

function serve(request: IncomingMessage, response: ServerResponse, own: Record<string, Route>, tus: TusStore): void {
  const { pathname } = new URL(request.url!, 'http://peers.test');
  const isGet = request.method === 'GET';
  if (/^\/files(\/|$)/.test(pathname) && !isGet) return tus.handle(request, response);
  if (answerAcross(request, response)) return;
  // The server's own answer lets no page of another origin in.
  if (pathname.startsWith('/files/')) return void tus.file(pathname).then((bytes) => response.end(bytes));
  const route = own[pathname];
  if (route) route(request, response);
  else response.writeHead(404).end();
}
