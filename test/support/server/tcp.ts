import { createServer, type Socket } from 'node:net';

import { createConnections } from './connections.js';
import { listen, stopListening } from './listeners.js';
import type { Site } from './types.js';

/** A name that no resolver knows (RFC 6761). */
export const nowhere = 'http://nowhere.invalid';

/** Below the ports that systems hand out by themselves, so that nobody is given a refused one by chance. */
const [lowestPort, portSpan] = [20_000, 10_000];

/** An origin at which nothing listens. */
export async function refusedOrigin(): Promise<string> {
  for (let tried = 0; ; tried += 1) {
    const port = lowestPort + ((process.pid * 7 + tried) % portSpan);
    if (await isFree(port)) return `http://127.0.0.1:${port}`;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}

export interface TcpServer extends Site {
  /** The same port under https: TCP connects, TLS never does. */
  readonly secureOrigin: string;
  sockets(): number;
  /** Connections accepted so far. */
  accepted(): number;
  close(): Promise<void>;
}

/** Accepts connections and does nothing with them, or what `onSocket` does. */
export async function startTcp(onSocket: (socket: Socket, number: number) => void = () => {}): Promise<TcpServer> {
  const connections = createConnections();
  const server = createServer();
  connections.track(server);
  server.on('connection', (socket) => {
    socket.resume(); // else the client's leaving would go unseen
    onSocket(socket, connections.total());
  });
  const site = await listen(server, 'http');
  return {
    ...site,
    secureOrigin: site.origin.replace('http:', 'https:'),
    sockets: connections.open,
    accepted: connections.total,
    async close() {
      await Promise.all([stopListening(server), connections.destroyAll()]);
    },
  };
}
