import { RejectedError } from '../core/errors.js';
import type {
  Capabilities,
  FollowRedirect,
  Transport,
  TransportHandle,
  TransportRequest,
  TransportSink,
} from './contract.js';
import { followRedirect } from './follow-redirect.js';
import { Http2Pool } from './http2-pool.js';
import { connector, plainConnector } from './undici-connect.js';
import { DispatcherPool } from './undici-dispatcher.js';
import { type Carrier, Exchange } from './undici-exchange.js';
import {
  type DispatcherLike,
  type ProxyOptions,
  readUndici,
  type TlsOptions,
  type UndiciOptions,
} from './undici-options.js';
import { OriginPool, type Pool, type PoolOwner, type PoolSettings } from './undici-pool.js';
import { tunnel } from './undici-tunnel.js';

export type { DispatcherLike, ProxyOptions, TlsOptions, UndiciOptions };

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
  readonly follow: FollowRedirect = followRedirect;
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

function poolMaker(given: UndiciOptions, owner: PoolOwner): (origin: string) => Pool {
  const { connections, connectMs, keepAliveMs, tls, http2, proxy, dispatcher } = readUndici(given);
  if (dispatcher) return (origin) => new DispatcherPool(origin, dispatcher, owner);
  const secure = connector(tls, connectMs, http2);
  const plain = plainConnector(connectMs);
  const tunnelled = proxy && tunnel(proxy, connectMs, secure);
  return (origin) => {
    const isSecure = origin.startsWith('https:');
    const connect = tunnelled ?? (isSecure ? secure : plain);
    const settings: PoolSettings = { connect, keepAliveMs, connections, owner };
    return http2 && isSecure ? new Http2Pool(origin, settings) : new OriginPool(origin, settings);
  };
}
