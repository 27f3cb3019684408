import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';

import type { Connection } from './connections.js';
import type { Pair, Wire } from './types.js';

/** node's flat list of names and values, in pairs. */
function paired(raw: readonly string[]): Pair[] {
  return Array.from({ length: raw.length / 2 }, (_, i) => [raw[2 * i] ?? '', raw[2 * i + 1] ?? '']);
}

/** Each name once, with all its values: the form HTTP/2 and trailers take. */
function grouped(pairs: readonly Pair[]): Record<string, string | string[]> {
  const byName = new Map<string, string[]>();
  for (const [name, value] of pairs) byName.set(name, [...(byName.get(name) ?? []), value]);
  return Object.fromEntries([...byName].map(([name, values]) => [name, values.length === 1 ? values[0]! : values]));
}

export function http1Wire(request: IncomingMessage, response: ServerResponse, connection: Connection): Wire {
  const { socket } = request;
  return {
    version: request.httpVersion,
    method: request.method ?? '',
    target: request.url ?? '',
    headers: paired(request.rawHeaders),
    incoming: request,
    outgoing: response,
    socket,
    trailers: () => paired(request.rawTrailers),
    head(status, headers, reason) {
      const flat = headers.flat();
      if (reason === undefined) response.writeHead(status, flat);
      else response.writeHead(status, reason, flat);
    },
    flush: () => response.flushHeaders(),
    inform(status, headers) {
      const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
      socket.write(`HTTP/1.1 ${status} Information\r\n${lines}\r\n`, 'latin1');
    },
    end(trailers) {
      if (trailers.length > 0) response.addTrailers(trailers.map(([name, value]) => [name, value] as [string, string]));
      response.end();
    },
    reset: () => connection.reset(),
    complete: () => response.writableFinished,
    onGone(run) {
      response.once('close', run);
      connection.onGone(run, response); // an answer queued behind another one has no socket yet, so it hears nothing
    },
  };
}

/** Names that belong to a connection: HTTP/2 has none of them. */
const hopByHop = new Set(['connection', 'keep-alive', 'transfer-encoding', 'proxy-connection', 'upgrade', 'trailer']);

export function http2Wire(request: Http2ServerRequest, response: Http2ServerResponse): Wire {
  const { stream } = request;
  const headers = paired(request.rawHeaders);
  const host = headers.filter(([name]) => name === ':authority').map(([, value]): Pair => ['host', value]);
  return {
    version: request.httpVersion,
    method: request.method,
    target: request.url,
    headers: [...host, ...headers.filter(([name]) => !name.startsWith(':'))],
    incoming: request,
    outgoing: response,
    trailers: () => paired(request.rawTrailers),
    head(status, given) {
      response.writeHead(status, grouped(given.filter(([name]) => !hopByHop.has(name.toLowerCase()))));
    },
    flush() {}, // writeHead sends at once here
    inform: (status, given) => stream.additionalHeaders({ ':status': status, ...grouped(given) }),
    end(trailers) {
      if (trailers.length > 0) response.addTrailers(grouped(trailers));
      response.end();
    },
    reset: (code) => stream.close(code),
    complete: () => stream.writableFinished && !stream.aborted,
    goaway: (code) => stream.session?.goaway(code),
    onGone: (run) => void stream.once('close', run),
  };
}
