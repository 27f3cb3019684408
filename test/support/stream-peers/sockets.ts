import type { Server } from 'node:http';

import { type WebSocket, WebSocketServer } from 'ws';

interface Message {
  readonly op?: string;
  readonly id?: string;
  readonly n?: number;
}

/**
 * A socket that a client can tell what to do, by messages: also to break, to fall silent, or to say goodbye for good.
 *
 * @returns how many there are
 */
export function addSockets(server: Server): () => number {
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket, { url }) => {
    if (url === '/bytes') socket.on('message', (data: Buffer) => socket.send(data));
    else talk(socket);
  });
  return () => sockets.clients.size;
}

function talk(socket: WebSocket): void {
  let isMute = false;
  const say = (message: unknown): void => {
    if (!isMute) socket.send(JSON.stringify(message));
  };
  socket.on('message', (data: Buffer) => {
    const { op, id, n = 0 } = JSON.parse(data.toString()) as Message;
    if (op === 'ping') say({ pong: true });
    if (op === 'double') say({ re: id, n: n * 2 });
    if (op === 'on') say({ topic: id, n: 1 });
    if (op === 'break') socket.terminate();
    if (op === 'mute') isMute = true;
    if (op === 'bye') socket.close(1008, 'no more');
  });
}
