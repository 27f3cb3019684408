import type { Socket } from 'node:net';
import { Readable } from 'node:stream';

import { Client, type Dispatcher } from 'undici';

import type { Dispatch, Line, LineHandler } from './line.js';
import { PARSER_HEADER_BYTES } from './network-errors.js';
import type { Connect, Connecting } from './undici-connect.js';

/** What all connections of a transport share. */
export interface ConnectionSettings {
  readonly connect: Connect;
  readonly keepAliveMs: number;
}

/** One HTTP/1.1 connection, and its place in the list of the idle ones. */
export class Connection implements Line {
  before: Connection | undefined;
  after: Connection | undefined;
  idle = false;
  readonly #client: Client;
  #connecting: Connecting | undefined;
  #socket: Socket | undefined;
  #held = false;

  /** @param died - called when the socket closed, whether or not somebody used it */
  constructor(origin: string, { connect, keepAliveMs }: ConnectionSettings, died: (connection: Connection) => void) {
    const options: Client.Options & { readonly __proto__: null } = {
      // Inherits nothing: undici would take `socketPath` and the like from a polluted prototype.
      __proto__: null,
      connect: (target, connected) => {
        this.#connecting = connect(target, (...outcome) => {
          this.#socket = outcome[1] ?? undefined;
          connected(...outcome);
        });
      },
      pipelining: 1,
      keepAliveTimeout: keepAliveMs,
      maxHeaderSize: PARSER_HEADER_BYTES,
      headersTimeout: 0,
      bodyTimeout: 0,
    };
    this.#client = new Client(origin, options);
    this.#client.on('disconnect', () => died(this));
  }

  dispatch(dispatch: Dispatch, handler: LineHandler): boolean {
    return this.#client.dispatch(dispatch as Dispatcher.DispatchOptions, handler as object);
  }

  /**
   * Holds the answer back where undici reads it. undici's own pause takes the process down with an assertion when
   * the server closes a connection that is paused and not kept alive (nodejs/undici#5360, open in undici 7).
   */
  hold(): void {
    if (!this.#socket) return;
    this.#held = true;
    this.#socket.read = readNothing;
  }

  /** Never inside a parser's callback: undici parses one answer at a time. */
  flow(): void {
    if (this.settle()) this.#socket?.emit('readable');
  }

  /** Ends a hold without reading on. @returns whether there was one */
  settle(): boolean {
    if (!this.#held) return false;
    this.#held = false;
    const socket: { read?: unknown } | undefined = this.#socket;
    delete socket?.read;
    return true;
  }

  get broken(): Error | undefined {
    return this.#socket?.errored ?? undefined;
  }

  /** Closes the socket, also one that is only being opened; resolves when it is closed. */
  destroy(): Promise<void> {
    const closed = this.#client.destroy();
    this.#connecting?.cancel();
    return closed;
  }
}

/** Lets node look after its buffer (`read(0)`), and gives none of it away. */
function readNothing(this: Socket, size?: number): unknown {
  return size === 0 ? Readable.prototype.read.call(this, 0) : null;
}
