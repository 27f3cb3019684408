import { Buffer } from 'node:buffer';

import type { Dispatch, Line, LineHandler } from './line.js';
import { RawHeaders } from './raw-headers.js';
import type { Exchange } from './undici-exchange.js';
import type { DispatcherLike } from './undici-options.js';
import type { Pool, PoolOwner } from './undici-pool.js';

/** Sends everything through a dispatcher of the caller's, which keeps its own connections. */
export class DispatcherPool implements Pool, Line {
  readonly origin: string;
  readonly #dispatcher: DispatcherLike;
  readonly #owner: PoolOwner;
  #users = 0;

  constructor(origin: string, dispatcher: DispatcherLike, owner: PoolOwner) {
    this.origin = origin;
    this.#dispatcher = dispatcher;
    this.#owner = owner;
  }

  get empty(): boolean {
    return this.#users === 0;
  }

  enter(exchange: Exchange): void {
    if (this.#users++ === 0) this.#owner.busy(this);
    // A dispatcher may answer at once, as mocks do, and the sink must not hear of it before `open` has returned.
    queueMicrotask(() => {
      if (exchange.live) exchange.begin(this);
    });
  }

  leave(): void {
    if (--this.#users === 0) this.#owner.idle(this);
  }

  dispatch(dispatch: Dispatch, handler: LineHandler): boolean {
    // Inherits nothing: interceptors would take what they look for from a polluted prototype.
    return this.#dispatcher.dispatch({ __proto__: null, ...dispatch }, new PlainHandler(handler));
  }

  /** It is the caller's: whoever made it closes it. */
  close(): Promise<void> {
    return Promise.resolve();
  }
}

/**
 * Between an exchange and interceptors, which hand on header fields in three more forms.
 *
 * An answer that ends with its connection is not paused but kept: undici 7 takes the process down with an assertion
 * when the server closes a connection that is paused and not kept alive (nodejs/undici#5360).
 */
class PlainHandler implements LineHandler {
  readonly #to: LineHandler;
  #pausable = false;

  constructor(to: LineHandler) {
    this.#to = to;
  }

  onConnect(abort: () => void): void {
    this.#to.onConnect(abort);
  }

  onBodySent(chunk: Uint8Array): void {
    this.#to.onBodySent(chunk);
  }

  onRequestSent(): void {
    this.#to.onRequestSent();
  }

  onHeaders(status: number, raw: unknown, resume: () => void, statusText: string): boolean {
    const fields = plain(raw);
    this.#pausable = isKeptAlive(new RawHeaders(fields));
    return this.#to.onHeaders(status, fields, resume, statusText) || !this.#pausable;
  }

  onData(chunk: Buffer): boolean {
    return this.#to.onData(chunk) || !this.#pausable;
  }

  onComplete(trailers: unknown): void {
    this.#to.onComplete(plain(trailers));
  }

  onError(error: unknown): void {
    this.#to.onError(error);
  }
}

function isKeptAlive(headers: RawHeaders): boolean {
  return headers.framed && !/\bclose\b/i.test(headers.get('connection') ?? '');
}

/** A flat list of buffers, out of a list with strings or lists in it, or a record. */
function plain(raw: unknown): Buffer[] {
  const list = Array.isArray(raw) ? raw : Object.entries(raw ?? {}).flat(1);
  const flat: Buffer[] = [];
  for (let i = 0; i + 1 < list.length; i += 2) {
    for (const value of [list[i + 1]].flat()) flat.push(bytesOf(list[i]), bytesOf(value));
  }
  return flat;
}

function bytesOf(value: unknown): Buffer {
  return Buffer.isBuffer(value) ? value : Buffer.from(String(value), 'latin1');
}
