import type { Clock } from '../core/clock.js';
import type { ApiError } from '../core/errors.js';
import type { FlatHeaders } from '../http/headers.js';

/** What one message is on the wire: a text frame or a binary one. */
export type SocketData = string | Uint8Array;

/** What a platform's socket is opened with. */
export interface SocketRequest {
  readonly url: string;
  /** The server's origin in terms of HTTP, for errors. */
  readonly origin: string;
  readonly protocols: readonly string[];
  readonly headers: FlatHeaders;
  readonly messageBytes: number;
  /** Whether the sender is to be held back where the platform can do that. */
  readonly holdsBack: boolean;
  readonly clock: Clock;
}

/** How a connection ended. */
export interface SocketEnd {
  /** The code of the close frame; 1005 when it had none, 1006 when there was no close frame. */
  readonly code: number;
  readonly reason: string;
  /** Why there is no close frame, where the platform tells. */
  readonly error?: ApiError | undefined;
}

/** Who is told of a socket. Nothing comes before `open` returns, nor after `close`. */
export interface SocketSink {
  opened(protocol: string): void;
  /** Must not throw. */
  message(data: SocketData): void;
  /** A sign of life that is no message: a ping, or the answer to one. */
  alive(): void;
  /** Comes once, after everything else: 'error' and 'close' of a platform are one end. */
  ended(end: SocketEnd): void;
}

/** One socket. */
export interface SocketHandle {
  send(data: SocketData): void;
  /** What was sent and waits for the network. */
  readonly bufferedBytes: number;
  /** Where the platform can: its peer answers by itself, and `alive` tells. */
  readonly ping?: () => void;
  /** Where the platform can: holds the sender back, and lets it go on. */
  readonly pause?: () => void;
  readonly resume?: () => void;
  /** Says goodbye and leaves; what was sent still goes out, within a bound. */
  close(code: number, reason: string): void;
}

/** The edge: makes one connection, no policy. */
export type OpenSocket = (request: SocketRequest, sink: SocketSink) => SocketHandle;

/** How long a peer has to answer a goodbye before the socket is cut off; longer while bytes wait. Unit: milliseconds. */
export const GOODBYE_MS = 35;
export const FLUSH_MS = 750;
