import type { Server as NetServer, Socket } from 'node:net';

/** One accepted TCP connection. */
export interface Connection {
  readonly number: number;
  /** How many requests it brought so far. */
  turns: number;
  /** Sends RST, under TLS too. */
  reset(): void;
  /** Calls `run` when the connection ends, unless `until` closes before that. */
  onGone(run: () => void, until: NodeJS.EventEmitter): void;
}

export interface Connections {
  track(server: NetServer): void;
  /** The connection of a socket: its own, or the one a TLS or HTTP/2 socket lies on. */
  of(socket: Socket): Connection;
  open(): number;
  total(): number;
  /** Resolves when the last socket has closed. */
  destroyAll(): Promise<void>;
}

/** Remote port beside local port: the same for a TLS socket and the TCP socket below it. */
const endsOf = (socket: Socket) => `${socket.localPort}:${socket.remotePort}`;

export function createConnections(): Connections {
  const byEnds = new Map<string, { connection: Connection; socket: Socket }>();
  const sockets = new Set<Socket>();
  const bySocket = new WeakMap<Socket, Connection>();
  let total = 0;

  const accept = (socket: Socket) => {
    const ends = endsOf(socket);
    const connection = createConnection(socket, (total += 1));
    byEnds.set(ends, { connection, socket });
    bySocket.set(socket, connection);
    sockets.add(socket);
    socket.on('error', () => {}); // resets are what this server is for
    socket.once('close', () => {
      sockets.delete(socket);
      if (byEnds.get(ends)?.socket === socket) byEnds.delete(ends);
    });
  };

  return {
    track(server) {
      server.on('connection', accept);
      server.on('secureConnection', (socket: Socket) => socket.on('error', () => {}));
    },
    of(socket) {
      const found = bySocket.get(socket) ?? byEnds.get(endsOf(socket))?.connection;
      if (!found) throw new Error('a request came on a connection that was never accepted');
      return found;
    },
    // node does not say 'close' of a TCP socket whose TLS handshake was given up at the wrong moment.
    open: () => [...sockets].filter((socket) => !socket.closed).length,
    total: () => total,
    async destroyAll() {
      const left = [...sockets].filter((socket) => !socket.closed);
      const closed = left.map((socket) => new Promise<void>((resolve) => void socket.once('close', resolve)));
      for (const socket of left) socket.destroy();
      await Promise.all(closed);
    },
  };
}

interface Handled {
  readonly _handle: { close(): void } | null;
}

/** When the peer leaves meanwhile, node fails to reset and then forgets to close, which keeps the thread from ending. */
function resetSocket(socket: Socket): void {
  const { _handle: handle } = socket as unknown as Handled;
  socket.on('error', ({ syscall }: NodeJS.ErrnoException) => {
    if (syscall === 'reset') handle?.close();
  });
  socket.resetAndDestroy();
}

function createConnection(socket: Socket, number: number): Connection {
  return {
    number,
    turns: 0,
    reset: () => resetSocket(socket),
    onGone(run, until) {
      socket.once('close', run);
      until.once('close', () => socket.off('close', run));
    },
  };
}
