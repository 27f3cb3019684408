import { ConfigError } from '../core/errors.js';
import { ClassicSocket, type PlatformSocketClass } from './socket-classic.js';
import type { OpenSocket } from './socket-contract.js';
import { HeldSocket, type PlatformSocketStreamClass } from './socket-held.js';

const platform = globalThis as unknown as {
  readonly WebSocket?: PlatformSocketClass;
  readonly WebSocketStream?: PlatformSocketStreamClass;
};

/** The sockets that the platform itself has. Looked up at each connection, so that a polyfill may come late. */
const openPlatformSocket: OpenSocket = (request, sink) => {
  const { WebSocket, WebSocketStream } = platform;
  if (request.headers.length > 0) {
    throw new ConfigError(
      'headers',
      "this platform's WebSocket sends none: put what it needs into the URL, or say it in the handshake",
    );
  }
  if (request.holdsBack && WebSocketStream) return new HeldSocket(WebSocketStream, request, sink);
  if (WebSocket) return new ClassicSocket(WebSocket, request, sink);
  throw new ConfigError('webSocket', 'this platform has no WebSocket: on Node, install the package ws');
};

/** Where sockets come from, except on Node. */
export const loadSocket = (): OpenSocket | Promise<OpenSocket> => openPlatformSocket;
