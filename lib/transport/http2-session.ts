import { type ClientHttp2Session, connect } from 'node:http2';
import type { Socket } from 'node:net';

import { Http2Stream } from './http2-stream.js';
import type { Dispatch, Line, LineHandler } from './line.js';
import { PARSER_HEADER_BYTES } from './network-errors.js';

/** Streams at once until the server's settings have come, as RFC 9113 recommends. */
const USUAL_STREAMS = 100;

/**
 * One HTTP/2 connection that carries many exchanges.
 *
 * Over node's http2 and not undici's: in undici 7 trailers drop what a paused stream still holds of its body, a
 * graceful GOAWAY fails what is under way, and a streamed upload waits until nothing else is.
 */
export class Http2Session implements Line {
  readonly #session: ClientHttp2Session;
  #streams = 0;
  #leaving = false;

  /** @param changed - called when the server's settings came, and when the session takes no more streams */
  constructor(origin: string, socket: Socket, keepAliveMs: number, changed: () => void) {
    const session = connect(origin, {
      createConnection: () => socket,
      settings: { enablePush: false, maxHeaderListSize: PARSER_HEADER_BYTES },
      maxHeaderListPairs: PARSER_HEADER_BYTES / 64,
    });
    this.#session = session;
    const leave = (): void => {
      this.#leaving = true;
      changed();
    };
    session.on('error', leave);
    session.on('goaway', leave);
    session.on('close', leave);
    session.on('remoteSettings', changed);
    session.on('timeout', () => {
      if (this.#streams === 0) session.close();
    });
    session.setTimeout(keepAliveMs);
    session.unref();
  }

  /** Whether it takes no more streams: the server said goodbye, or the connection is gone. */
  get left(): boolean {
    return this.#leaving || this.#session.closed || this.#session.destroyed;
  }

  /** How many streams the server allows at once. */
  get capacity(): number {
    return this.#session.remoteSettings.maxConcurrentStreams ?? USUAL_STREAMS;
  }

  dispatch(dispatch: Dispatch, handler: LineHandler): boolean {
    if (this.#streams++ === 0) this.#session.ref();
    try {
      void new Http2Stream(this.#session, dispatch, handler, () => this.#gone());
      return true;
    } catch (error) {
      this.#gone();
      throw error;
    }
  }

  /** For a session that nobody uses; resolves when it is closed. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#session.destroyed) return resolve();
      this.#session.once('close', resolve);
      this.#session.destroy();
    });
  }

  #gone(): void {
    if (--this.#streams === 0 && !this.#session.destroyed) this.#session.unref();
  }
}
