import type { Socket } from 'node:net';

import { Client, type Dispatcher } from 'undici';

import { Intake } from './intake.js';
import type { Dispatch, Line, LineHandler } from './line.js';
import { PARSER_HEADER_BYTES } from './network-errors.js';
import type { Connect, Connecting } from './undici-connect.js';

/** What all connections of a transport share. */
export interface ConnectionSettings {
  readonly connect: Connect;
  readonly keepAliveMs: number;
}

/** Told what becomes of a connection. */
export interface ConnectionOwner {
  /** Its socket closed, whether or not somebody used it. */
  died(connection: Connection): void;
}

/** One HTTP/1.1 connection, and its place in the list of the idle ones. */
export class Connection implements Line {
  before: Connection | undefined;
  after: Connection | undefined;
  idle = false;
  readonly #client: Client;
  #connecting: Connecting | undefined;
  #socket: Socket | undefined;
  #intake: Intake | undefined;

  constructor(origin: URL, { connect, keepAliveMs }: ConnectionSettings, owner: ConnectionOwner) {
    const options: Client.Options & { readonly __proto__: null } = {
      // Inherits nothing: undici would take `socketPath` and the like from a polluted prototype.
      __proto__: null,
      connect: (target, connected) => {
        this.#connecting = connect(target, (...outcome) => {
          const [, socket] = outcome;
          // Lets go of what it took to connect: half a kilobyte a connection.
          this.#connecting = undefined;
          if (socket) {
            this.#socket = socket;
            this.#intake = Intake.of(socket);
          }
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
    this.#client.on('disconnect', () => owner.died(this));
  }

  dispatch(dispatch: Dispatch, handler: LineHandler): boolean {
    return this.#client.dispatch(dispatch as Dispatcher.DispatchOptions, handler as object);
  }

  hold(): void {
    this.#intake?.hold();
  }

  flow(): void {
    this.#intake?.flow();
  }

  /** It comes to rest: whatever was held back is not any more. */
  settle(): void {
    this.#intake?.settle();
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
