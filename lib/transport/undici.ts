import { ConfigError, RejectedError } from '../core/errors.js';
import { positiveWhole } from '../core/numbers.js';
import { readOptions } from '../core/options.js';
import type { Capabilities, Transport, TransportHandle, TransportRequest, TransportSink } from './contract.js';
import { Http2Pool } from './http2-pool.js';
import { connector, readTls, type TlsOptions } from './undici-connect.js';
import { type DispatcherLike, DispatcherPool } from './undici-dispatcher.js';
import { type Carrier, Exchange } from './undici-exchange.js';
import { OriginPool, type Pool, type PoolOwner, type PoolSettings } from './undici-pool.js';
import { type ProxyOptions, tunnel } from './undici-tunnel.js';

export type { DispatcherLike, ProxyOptions, TlsOptions };

/** Settings for {@link undici}. */
export interface UndiciOptions {
  /** Calls to one origin at once; more of them wait. Streamed answers do not count. @defaultValue 256 */
  readonly connections?: number;
  /** How long opening a connection may take, TLS included. Unit: milliseconds, to about one second. @defaultValue 10 000 */
  readonly connectMs?: number;
  /** How long an unused connection stays open, where the server does not say. Unit: milliseconds. @defaultValue 4 000 */
  readonly keepAliveMs?: number;
  /** Certificates and trust. @defaultValue the platform's */
  readonly tls?: TlsOptions;
  /** Offers HTTP/2 to `https:` origins: all calls to one share a connection. @defaultValue false */
  readonly http2?: boolean;
  /** Sends everything through a proxy's tunnel. @defaultValue none; no environment variable is read */
  readonly proxy?: string | ProxyOptions;
  /** Sends everything through an undici 7 dispatcher, which decides about connections: no other option fits beside it. */
  readonly dispatcher?: DispatcherLike;
}

const CAPABILITIES: Capabilities = Object.freeze({
  responseStream: true,
  pause: true,
  uploadStream: true,
  uploadProgress: true,
  trailers: true,
  redirects: 'manual',
  decodesBody: false,
  rawHeaders: true,
});

/** Origins that are kept connected although nothing runs; beyond it, the longest unused goes. */
const IDLE_ORIGINS = 256;

const NOBODY: Carrier = { leave: () => {} };

class UndiciTransport implements Transport, PoolOwner {
  readonly capabilities: Capabilities = CAPABILITIES;
  readonly #makePool: (origin: string) => Pool;
  readonly #pools = new Map<string, Pool>();
  /** In the order in which they became idle. */
  readonly #idle = new Set<Pool>();
  #drained: (() => void) | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: UndiciOptions) {
    this.#makePool = poolMaker(options, this);
  }

  open(request: TransportRequest, sink: TransportSink): TransportHandle {
    const pool = this.#closing ? undefined : (this.#pools.get(request.origin) ?? this.#add(request.origin));
    const exchange = new Exchange(request, sink, pool ?? NOBODY);
    if (pool) pool.enter(exchange);
    else exchange.refuse(new RejectedError('closed', 'the transport was closed; make a new one for further calls'));
    exchange.opened();
    return exchange;
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#drain());
  }

  busy(pool: Pool): void {
    this.#idle.delete(pool);
  }

  idle(pool: Pool): void {
    this.#idle.add(pool);
    if (pool.empty) this.#drop(pool);
    else if (this.#idle.size > IDLE_ORIGINS) this.#evict();
    if (this.#idle.size === this.#pools.size) this.#drained?.();
  }

  #add(origin: string): Pool {
    const pool = this.#makePool(origin);
    this.#pools.set(origin, pool);
    return pool;
  }

  #drop(pool: Pool): void {
    this.#idle.delete(pool);
    if (this.#pools.get(pool.origin) === pool) this.#pools.delete(pool.origin);
  }

  #evict(): void {
    const [oldest] = this.#idle;
    if (!oldest) return;
    this.#drop(oldest);
    void oldest.close();
  }

  async #drain(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#drained = resolve;
      if (this.#idle.size === this.#pools.size) resolve();
    });
    await Promise.all(Array.from(this.#pools.values(), (pool) => pool.close()));
  }
}

/**
 * Moves bytes over undici 7, with a pool of its own: the default in Node.
 *
 * Requests are dispatched without promises or streams, header fields stay raw until somebody reads them, and a
 * finished call's connection serves the next one at once.
 *
 * @throws ConfigError when an option is unknown or out of range, or stands beside `dispatcher`
 * @see RFC 9112 (HTTP/1.1), RFC 9113 (HTTP/2)
 */
export function undici(options: UndiciOptions = {}): Transport {
  return new UndiciTransport(options);
}

const NAMES = ['connections', 'connectMs', 'keepAliveMs', 'tls', 'http2', 'proxy', 'dispatcher'] as const;

/** setTimeout fires at once above this. */
const LONGEST_MS = 2_147_483_647;

function poolMaker(given: UndiciOptions, owner: PoolOwner): (origin: string) => Pool {
  const options = readOptions(given, NAMES, 'undici') as UndiciOptions;
  const { dispatcher, connections = 256, connectMs = 10_000, keepAliveMs = 4_000, http2 = false } = options;
  if (dispatcher) {
    refuseBeside(options);
    return (origin) => new DispatcherPool(origin, dispatcher, owner);
  }
  positiveWhole(connections, 'undici.connections');
  const timeout = Math.min(positiveWhole(connectMs, 'undici.connectMs'), LONGEST_MS);
  const keepAlive = Math.min(positiveWhole(keepAliveMs, 'undici.keepAliveMs'), LONGEST_MS);
  const direct = connector(readTls(options.tls, 'undici.tls'), timeout, http2);
  const connect = options.proxy === undefined ? direct : tunnel(options.proxy, timeout, direct);
  const settings: PoolSettings = { connect, keepAliveMs: keepAlive, connections, owner };
  return (origin) =>
    http2 && origin.startsWith('https:') ? new Http2Pool(origin, settings) : new OriginPool(origin, settings);
}

function refuseBeside(options: UndiciOptions): void {
  if (typeof options.dispatcher?.dispatch !== 'function') {
    throw new ConfigError('undici.dispatcher', 'must have a dispatch method, as the dispatchers of undici 7 have');
  }
  const other = NAMES.find((name) => name !== 'dispatcher' && options[name] !== undefined);
  if (other)
    throw new ConfigError(`undici.${other}`, 'is for the dispatcher to decide: set it there, or leave one of them out');
}
