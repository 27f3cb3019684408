import type { Socket } from 'node:net';

import { Ring } from '../core/ring.js';
import { Http2Session } from './http2-session.js';
import { type Connecting, targetOf } from './undici-connect.js';
import type { Exchange } from './undici-exchange.js';
import { OriginPool, type Pool, type PoolSettings } from './undici-pool.js';

/**
 * One HTTP/2 connection to an origin, shared by its exchanges. Whether the server has HTTP/2 shows when the first
 * connection is open; where it does not, that connection becomes the first of a pool of HTTP/1.1 ones.
 */
export class Http2Pool implements Pool {
  readonly origin: string;
  readonly #settings: PoolSettings;
  readonly #waiters = new Ring<Exchange>();
  #users = 0;
  #calls = 0;
  #session: Http2Session | undefined;
  #connecting: Connecting | undefined;
  #http1: OriginPool | undefined;

  constructor(origin: string, settings: PoolSettings) {
    this.origin = origin;
    this.#settings = settings;
  }

  get empty(): boolean {
    return this.#users === 0 && !this.#session && (this.#http1?.empty ?? true);
  }

  enter(exchange: Exchange): void {
    if (this.#users++ === 0) this.#settings.owner.busy(this);
    if (this.#http1) return this.#http1.enter(exchange);
    this.#checkSession();
    // While a connection is being made, it is that, and not a place, that is waited for.
    exchange.waiting = this.#session !== undefined && !this.#hasRoom(exchange);
    this.#waiters.push(exchange);
    this.#next();
  }

  leave(exchange: Exchange, sound: boolean): void {
    if (exchange.line instanceof Http2Session) {
      if (!exchange.request.stream) this.#calls--;
      this.#next();
    } else if (this.#http1) this.#http1.leave(exchange, sound);
    else this.#giveUp();
    if (--this.#users === 0) this.#settings.owner.idle(this);
  }

  async close(): Promise<void> {
    await Promise.all([this.#session?.close(), this.#http1?.close()]);
  }

  #hasRoom(exchange: Exchange): boolean {
    if (exchange.request.stream) return true;
    return this.#calls < Math.min(this.#settings.connections, this.#session?.capacity ?? 0);
  }

  #next(): void {
    this.#checkSession();
    for (let first = this.#first(); first; first = this.#first()) {
      if (!this.#session) return this.#connect();
      if (!this.#hasRoom(first)) return;
      this.#waiters.shift();
      if (!first.request.stream) this.#calls++;
      first.begin(this.#session);
    }
  }

  /** The longest waiting exchange that still wants to be sent. */
  #first(): Exchange | undefined {
    while (this.#waiters.length > 0 && !this.#waiters.at(0)!.live) this.#waiters.shift();
    return this.#waiters.length > 0 ? this.#waiters.at(0) : undefined;
  }

  #connect(): void {
    if (this.#connecting) return;
    const attempt = this.#settings.connect(targetOf(new URL(this.origin)), (error, socket) => {
      if (this.#connecting !== attempt) return void socket?.destroy(); // given up, and maybe begun anew
      this.#connecting = undefined;
      if (error) this.#failAll(error);
      else if ('alpnProtocol' in socket && socket.alpnProtocol === 'h2') this.#share(socket);
      else this.#fallBack(socket);
    });
    this.#connecting = attempt;
  }

  #share(socket: Socket): void {
    const { keepAliveMs } = this.#settings;
    this.#session = new Http2Session(this.origin, socket, keepAliveMs, () => this.#changed());
    this.#next();
  }

  /** The server's settings came, or the session takes no more streams. */
  #changed(): void {
    this.#next();
    if (this.empty) this.#settings.owner.idle(this);
  }

  /** A session tells that it takes no more streams, but only in a later turn. */
  #checkSession(): void {
    if (this.#session?.left) this.#session = undefined;
  }

  #fallBack(socket: Socket): void {
    let spare: Socket | undefined = socket;
    const { connect } = this.#settings;
    this.#http1 = new OriginPool(this.origin, {
      ...this.#settings,
      owner: { busy: () => {}, idle: () => {} },
      connect: (target, connected) => {
        const ready = spare;
        spare = undefined;
        if (!ready) return connect(target, connected);
        queueMicrotask(() => connected(null, ready));
        return { cancel: () => void ready.destroy() };
      },
    });
    for (let one = this.#first(); one; one = this.#first()) {
      this.#waiters.shift();
      this.#http1.enter(one);
    }
  }

  /** They all waited for this connection, so it is the same news for all. */
  #failAll(error: Error): void {
    for (let one = this.#first(); one; one = this.#first()) {
      this.#waiters.shift();
      one.onError(error);
    }
  }

  /** Somebody who waited left; when nobody waits any more, nothing needs to be connected. */
  #giveUp(): void {
    if (this.#first()) return;
    const attempt = this.#connecting;
    this.#connecting = undefined;
    attempt?.cancel();
  }
}
