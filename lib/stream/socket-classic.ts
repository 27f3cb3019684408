import { type ApiError, NetworkError } from '../core/errors.js';
import type { SocketData, SocketEnd, SocketHandle, SocketRequest, SocketSink } from './socket-contract.js';

/** The part of the platform's `WebSocket` that is used. */
export interface PlatformSocket {
  binaryType: string;
  readonly bufferedAmount: number;
  readonly protocol: string;
  addEventListener(type: 'open', heard: () => void): void;
  addEventListener(type: 'message', heard: (event: { readonly data: string | ArrayBuffer }) => void): void;
  addEventListener(type: 'close', heard: (event: SocketEnd) => void): void;
  addEventListener(
    type: 'error',
    heard: (event: { readonly error?: unknown; readonly message?: string }) => void,
  ): void;
  send(data: SocketData): void;
  close(code: number, reason: string): void;
}

/** The class of a {@link PlatformSocket}. */
export type PlatformSocketClass = new (url: string, protocols: string[]) => PlatformSocket;

/** A socket of the platform's `WebSocket`: no pings, and nothing holds the sender back. */
export class ClassicSocket implements SocketHandle {
  readonly #socket: PlatformSocket;
  readonly #request: SocketRequest;
  #sink: SocketSink | undefined;
  #isOpen = false;
  #error: ApiError | undefined;

  constructor(WebSocket: PlatformSocketClass, request: SocketRequest, sink: SocketSink) {
    this.#request = request;
    this.#sink = sink;
    const socket = new WebSocket(request.url, [...request.protocols]);
    this.#socket = socket;
    // A blob would have to be read later, and could be overtaken.
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('open', () => {
      this.#isOpen = true;
      this.#sink?.opened(socket.protocol);
    });
    socket.addEventListener('message', ({ data }) => {
      this.#sink?.message(typeof data === 'string' ? data : new Uint8Array(data));
    });
    // The end comes after it, and one of the two is enough. Browsers say nothing here; Node's own socket does.
    socket.addEventListener('error', ({ error, message }) => {
      this.#error = lost(this.#isOpen, request.origin, error ?? message);
      // Node 22 says no more than this of a handshake that failed, and nobody knows more about it.
      if (!this.#isOpen) this.#end({ code: 1006, reason: '' });
    });
    // Deno has no code for a connection that broke: 0.
    socket.addEventListener('close', ({ code, reason }) => this.#end({ code: code || 1006, reason }));
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  send(data: SocketData): void {
    this.#socket.send(data);
  }

  close(code: number, reason: string): void {
    // Nothing is told any more, and the closing handshake, which can take minutes, is nobody's concern.
    this.#leave();
    this.#socket.close(code, reason);
  }

  #leave(): SocketSink | undefined {
    const sink = this.#sink;
    this.#sink = undefined;
    return sink;
  }

  #end({ code, reason }: SocketEnd): void {
    // 1006 is what the platform makes of every failure, a refused handshake too.
    const error = code === 1006 ? (this.#error ?? lost(this.#isOpen, this.#request.origin)) : undefined;
    this.#leave()?.ended({ code, reason, error });
  }
}

/** What is known where the platform does not tell why. */
export function lost(isOpen: boolean, origin: string, cause?: unknown): NetworkError {
  const facts = cause === undefined ? {} : { cause };
  if (isOpen) return new NetworkError(`connection to ${origin} lost: it ended without a close frame`, 'receive', facts);
  return new NetworkError(`no WebSocket connection to ${origin}: the platform does not tell why`, 'connect', facts);
}
