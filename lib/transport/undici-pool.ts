import { Ring } from '../core/ring.js';
import { Connection, type ConnectionOwner, type ConnectionSettings } from './undici-connection.js';
import type { Carrier, Exchange } from './undici-exchange.js';

/** Dead waiters are swept out of the queue when there are so many, and they are more than the live ones. */
const SWEEP = 64;

/** Told when an origin begins or ceases to be used. */
export interface PoolOwner {
  busy(pool: Pool): void;
  idle(pool: Pool): void;
}

/** What all pools of a transport share. */
export interface PoolSettings extends ConnectionSettings {
  /** Calls to an origin at once. */
  readonly connections: number;
  readonly owner: PoolOwner;
}

/** The way to one origin. */
export interface Pool extends Carrier {
  readonly origin: string;
  /** Nothing runs, and nothing is open. */
  readonly empty: boolean;
  enter(exchange: Exchange): void;
  /** Closes what is idle; resolves when the sockets are closed. */
  close(): Promise<void>;
}

/**
 * The connections of one origin. Everything is constant-time: idle connections are a linked list of which the last
 * used one is taken first, waiting exchanges a ring.
 */
export class OriginPool implements Pool, ConnectionOwner {
  readonly origin: string;
  /** One for all connections. */
  readonly #url: URL;
  readonly #settings: PoolSettings;
  readonly #waiters = new Ring<Exchange>();
  #deadWaiters = 0;
  /** Calls that hold one of the places; streams hold none. */
  #calls = 0;
  #users = 0;
  #newest: Connection | undefined;
  #oldest: Connection | undefined;
  #idle = 0;

  constructor(origin: string, settings: PoolSettings) {
    this.origin = origin;
    this.#url = new URL(origin);
    this.#settings = settings;
  }

  get empty(): boolean {
    return this.#users === 0 && this.#idle === 0;
  }

  enter(exchange: Exchange): void {
    if (this.#users++ === 0) this.#settings.owner.busy(this);
    if (exchange.request.stream || this.#calls < this.#settings.connections) return this.#start(exchange);
    exchange.waiting = true;
    this.#waiters.push(exchange);
  }

  leave(exchange: Exchange, sound: boolean): void {
    const connection = exchange.line as Connection | undefined;
    if (!connection) this.#forget();
    else if (sound) this.#rest(connection);
    else void connection.destroy();
    if (connection && !exchange.request.stream) {
      this.#calls--;
      this.#next();
    }
    if (--this.#users === 0) this.#settings.owner.idle(this);
  }

  async close(): Promise<void> {
    const closing: Promise<void>[] = [];
    for (let one = this.#take(); one; one = this.#take()) closing.push(one.destroy());
    await Promise.all(closing);
  }

  #start(exchange: Exchange): void {
    if (!exchange.request.stream) this.#calls++;
    exchange.begin(this.#take() ?? new Connection(this.#url, this.#settings, this));
  }

  #next(): void {
    while (this.#calls < this.#settings.connections) {
      const waiter = this.#waiters.shift();
      if (!waiter) return;
      if (waiter.live) return this.#start(waiter);
      this.#deadWaiters--;
    }
  }

  /** A waiter went away: its place in the ring is found empty when its turn comes, or at the next sweep. */
  #forget(): void {
    this.#deadWaiters++;
    if (this.#deadWaiters < SWEEP || this.#deadWaiters * 2 < this.#waiters.length) return;
    this.#deadWaiters = 0;
    for (let left = this.#waiters.length; left > 0; left--) {
      const waiter = this.#waiters.shift()!;
      if (waiter.live) this.#waiters.push(waiter);
    }
  }

  #rest(connection: Connection): void {
    connection.settle();
    connection.idle = true;
    connection.before = this.#newest;
    if (this.#newest) this.#newest.after = connection;
    else this.#oldest = connection;
    this.#newest = connection;
    // Streams hold no place, so that many may come to rest at once.
    if (++this.#idle > this.#settings.connections) void this.#remove(this.#oldest!).destroy();
  }

  #take(): Connection | undefined {
    return this.#newest && this.#remove(this.#newest);
  }

  #remove(connection: Connection): Connection {
    const { before, after } = connection;
    if (before) before.after = after;
    else this.#oldest = after;
    if (after) after.before = before;
    else this.#newest = before;
    connection.before = connection.after = undefined;
    connection.idle = false;
    this.#idle--;
    return connection;
  }

  /** The server closed an idle connection, or undici did after the keep-alive time. */
  died(connection: Connection): void {
    if (!connection.idle) return;
    void this.#remove(connection).destroy();
    if (this.empty) this.#settings.owner.idle(this);
  }
}
