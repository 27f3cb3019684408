import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

import { type WebSocket, WebSocketServer } from 'ws';

import { type Journal, journalOf } from './journal.ts';

/** What was said, and as which message of the room. `key` is the sender's own: the same one twice is one message. */
export interface Said {
  readonly n: number;
  readonly key: string;
  readonly text: string;
}

/** What a client sends: `after` asks for everything behind that message; `say` is answered with `{ re: id }`. */
type Asked = { readonly after: number } | { readonly id: string; readonly key: string; readonly say: string };

/** One message in so many is taken, and then the sender's connection is killed: neither answer nor message reaches it. */
const KILL_EVERY = 15;

const sockets = new WebSocketServer({ noServer: true });
const rooms = new WeakMap<Journal, Set<WebSocket>>();

/** Takes an HTTP connection over for the chat of a run. */
export function upgradeToChat(request: IncomingMessage, connection: Duplex, head: Buffer): void {
  const journal = journalOf(/^\/runs\/([\w-]+)\/chat$/.exec(request.url ?? '')?.[1] ?? '');
  if (!journal) {
    connection.end('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n');
    return;
  }
  sockets.handleUpgrade(request, connection, head, (socket) => join(socket, journal));
}

function join(socket: WebSocket, journal: Journal): void {
  journal.chat.connections++;
  const room = rooms.get(journal) ?? new Set();
  rooms.set(journal, room);
  socket.on('close', () => room.delete(socket));
  socket.on('message', (data) => {
    const asked = JSON.parse(String(data)) as Asked;
    if ('say' in asked) return take(asked, socket, room, journal);
    for (const said of journal.chat.said.slice(asked.after)) tell(socket, said);
    room.add(socket);
    tell(socket, { welcome: true });
  });
}

function take(
  { id, key, say }: Extract<Asked, { say: string }>,
  socket: WebSocket,
  room: ReadonlySet<WebSocket>,
  { chat }: Journal,
): void {
  const isNew = chat.said.every((said) => said.key !== key);
  if (isNew) {
    const said = { n: chat.said.length + 1, key, text: say };
    chat.said.push(said);
    const kills = said.n % KILL_EVERY === 0;
    for (const member of room) if (!kills || member !== socket) tell(member, said);
    if (kills) {
      chat.killed++;
      socket.terminate();
      return;
    }
  } else chat.repeats++;
  tell(socket, { re: id });
}

const tell = (socket: WebSocket, message: unknown): void => socket.send(JSON.stringify(message));
