import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** One request as the server saw it. */
export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Answers a request; `count` is how many there have been, this one included. */
export type Answer = (request: Seen, response: ServerResponse, count: number) => void;

/** A server of real sockets that does what the test says. */
export interface ScriptedServer {
  readonly origin: string;
  readonly seen: Seen[];
  readonly sockets: Set<Socket>;
  /** Called when a socket closes. */
  onClose: () => void;
  answer: Answer;
  close(): Promise<void>;
}

export async function startScripted(answer: Answer): Promise<ScriptedServer> {
  const http = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const seen = { method, url, headers, body: Buffer.concat(pieces) };
      server.seen.push(seen);
      server.answer(seen, response, server.seen.length);
    });
  });
  http.on('connection', (socket) => {
    server.sockets.add(socket);
    socket.on('close', () => {
      server.sockets.delete(socket);
      server.onClose();
    });
  });
  await new Promise<void>((resolve) => void http.listen(0, '127.0.0.1', resolve));
  const server: ScriptedServer = {
    origin: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    seen: [],
    sockets: new Set(),
    onClose: () => undefined,
    answer,
    close: () =>
      new Promise((resolve) => {
        http.close(() => resolve());
        http.closeAllConnections();
      }),
  };
  return server;
}
