import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

import { systemClock } from '../../lib/core/clock.js';

/** One request that the server got. */
export interface SseRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** When it came. Unit: milliseconds since 1970. */
  readonly atMs: number;
}

/** What a script of a test does with a request. */
export interface SseAnswer {
  readonly request: SseRequest;
  /** Sends a head, by default that of a stream of events. */
  head(status?: number, headers?: Record<string, string>): void;
  /** Sends text, after a head where there was none. */
  send(text: string | Uint8Array): void;
  end(text?: string): void;
  /** Breaks the connection. */
  cut(): void;
  /** Resolves when the connection is gone. */
  readonly gone: Promise<unknown>;
}

export type SseScript = (answer: SseAnswer) => unknown;

export interface SseServer extends AsyncDisposable {
  readonly origin: string;
  readonly requests: SseRequest[];
  /** Open sockets. */
  open(): number;
  close(): Promise<void>;
}

/** A server that does with each request what the next script says; the last one stays. */
export async function startSse(...scripts: SseScript[]): Promise<SseServer> {
  const requests: SseRequest[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => void serve(request, response));
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const serve = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const { method = '', url = '', headers } = incoming;
    const request = { method, url, headers, body: Buffer.concat(chunks).toString(), atMs: systemClock.now() };
    const script = scripts[Math.min(requests.length, scripts.length - 1)]!;
    requests.push(request);
    script(answerOf(request, response));
  };
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const close = async (): Promise<void> => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { origin, requests, open: () => sockets.size, close, [Symbol.asyncDispose]: close };
}

function answerOf(request: SseRequest, response: ServerResponse): SseAnswer {
  const head: SseAnswer['head'] = (status = 200, headers = { 'content-type': 'text/event-stream' }) => {
    response.writeHead(status, headers);
    response.flushHeaders();
  };
  const begun = (): void => {
    if (!response.headersSent) head();
  };
  return {
    request,
    head,
    send(text) {
      begun();
      response.write(text);
    },
    end(text) {
      begun();
      response.end(text);
    },
    cut: () => void response.socket?.resetAndDestroy(),
    gone: once(response, 'close'),
  };
}

/** Events with ids, from one number to another. */
export const eventsFrom = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, i) => `id: ${from + i}\ndata: ${from + i}\n\n`).join('');
