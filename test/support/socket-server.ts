import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

import { type ServerOptions, WebSocketServer, type WebSocket } from 'ws';

/** One connection, as the server sees it. */
export interface Peer {
  readonly socket: WebSocket;
  readonly request: IncomingMessage;
  /** Text of the messages that came, in order. */
  readonly received: string[];
  /** Resolves with the next message that has not been taken yet. */
  next(): Promise<string>;
  /** Sends a value as JSON. */
  send(value: unknown): void;
  /** Resolves with the close code. */
  readonly closed: Promise<number>;
}

/** A WebSocket server of the package ws, for tests. */
export interface SocketServer extends AsyncDisposable {
  readonly url: string;
  readonly peers: Peer[];
  /** Connections that are open now, down to TCP. */
  readonly open: number;
  /** Resolves with the next connection that has not been taken yet. */
  accept(): Promise<Peer>;
  close(): Promise<void>;
}

/** Gives what arrives to those who ask, in order, whoever comes first. */
class Handover<T> {
  readonly #items: T[] = [];
  readonly #waiting: ((item: T) => void)[] = [];

  give(item: T): void {
    const next = this.#waiting.shift();
    if (next) next(item);
    else this.#items.push(item);
  }

  take(): Promise<T> {
    if (this.#items.length > 0) return Promise.resolve(this.#items.shift()!);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}

export async function startSocketServer(
  options: ServerOptions = {},
  each: (peer: Peer) => void = () => {},
): Promise<SocketServer> {
  const http = createServer((_, answer) => answer.writeHead(503).end());
  const sockets = new Set<Socket>();
  http.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('end', () => ended.add(socket));
    socket.on('error', () => {});
  });
  // Node leaves a socket half open while nobody has answered its handshake.
  const ended = new WeakSet<Socket>();
  const wss = new WebSocketServer({ server: http, ...options });
  const peers: Peer[] = [];
  const accepted = new Handover<Peer>();
  wss.on('connection', (socket, request) => {
    const peer = peerOf(socket, request);
    peers.push(peer);
    each(peer);
    accepted.give(peer);
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    wss.close();
    await new Promise((resolve) => http.close(resolve));
  };
  return {
    url: `ws://127.0.0.1:${(http.address() as AddressInfo).port}`,
    peers,
    get open() {
      return [...sockets].filter((socket) => !ended.has(socket)).length;
    },
    accept: () => accepted.take(),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function peerOf(socket: WebSocket, request: IncomingMessage): Peer {
  const received: string[] = [];
  const messages = new Handover<string>();
  socket.on('error', () => {});
  socket.on('message', (data: Buffer) => {
    received.push(data.toString());
    messages.give(data.toString());
  });
  return {
    socket,
    request,
    received,
    next: () => messages.take(),
    send: (value) => socket.send(JSON.stringify(value)),
    closed: new Promise((resolve) => socket.on('close', resolve)),
  };
}

/** The other end of a handshake, and nothing more: it answers no frame, and sends what bytes it is told to. */
export interface RawServer extends AsyncDisposable {
  readonly url: string;
  readonly open: number;
}

const ACCEPT = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** @param each - is given each TCP socket when its handshake is done */
export async function startRawServer(each: (socket: Socket) => void): Promise<RawServer> {
  const http = createServer();
  const sockets = new Set<Socket>();
  http.on('upgrade', ({ headers }, duplex) => {
    const socket = duplex as Socket;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('end', () => socket.end());
    socket.on('error', () => {});
    socket.resume();
    const accept = createHash('sha1').update(headers['sec-websocket-key'] + ACCEPT);
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept.digest('base64')}\r\n\r\n`,
    );
    each(socket);
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  return {
    url: `ws://127.0.0.1:${(http.address() as AddressInfo).port}`,
    get open() {
      return sockets.size;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

/** Bytes of one unmasked frame of fewer than 126 bytes. */
export function frame(opcode: number, payload: string | Uint8Array = '', first = 0x80): Buffer {
  const body = Buffer.from(payload as string);
  return Buffer.concat([Buffer.of(first | opcode, body.length), body]);
}
