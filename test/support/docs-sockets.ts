import type { Server } from 'node:http';

import { type WebSocket, WebSocketServer } from 'ws';

type Message = Readonly<Record<string, unknown>>;

const sayTo = (socket: WebSocket) => (message: Message) => socket.send(JSON.stringify(message));

/** What a socket does with a message, by its path. */
const routes: Readonly<Record<string, (message: Message, say: (message: Message) => void) => void>> = {
  '/echo': (message, say) => say(message),
  '/feed': ({ op, id, symbol }, say) => {
    if (op === 'price') say({ re: id, price: 101.5 });
    if (op === 'on') for (const price of [101, 102, 103]) say({ topic: id, symbol, price });
  },
};

/** Adds the sockets of the docs server; the result closes those that are open. */
export function addDocsSockets(server: Server): () => void {
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket, { url = '' }) => {
    const answer = routes[url.replace(/^\/v1(?=\/)/, '').split('?')[0]!];
    if (!answer) return socket.close(4404, 'no such socket');
    socket.on('message', (data: Buffer) => answer(JSON.parse(data.toString()) as Message, sayTo(socket)));
  });
  return () => {
    for (const socket of sockets.clients) socket.terminate();
  };
}
