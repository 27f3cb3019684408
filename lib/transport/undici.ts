import { RejectedError } from '../core/errors.js';
import type { Capabilities, Transport, TransportHandle, TransportRequest, TransportSink } from './contract.js';
import { connector, type TlsOptions } from './undici-connect.js';
import type { ConnectionSettings } from './undici-connection.js';
import { Exchange } from './undici-exchange.js';
import { OriginPool, type PoolOwner } from './undici-pool.js';

export interface UndiciOptions {
  readonly connections?: number;
  readonly connectMs?: number;
  readonly keepAliveMs?: number;
  readonly tls?: TlsOptions;
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

const IDLE_ORIGINS = 256;

class UndiciTransport implements Transport, PoolOwner {
  readonly capabilities: Capabilities = CAPABILITIES;
  readonly #connections: number;
  readonly #settings: ConnectionSettings;
  readonly #pools = new Map<string, OriginPool>();
  readonly #idle = new Set<OriginPool>();

  constructor({ connections = 256, connectMs = 10_000, keepAliveMs = 4_000, tls }: UndiciOptions) {
    this.#connections = connections;
    this.#settings = { connect: connector(tls, connectMs, false), keepAliveMs };
  }

  open(request: TransportRequest, sink: TransportSink): TransportHandle {
    let pool = this.#pools.get(request.origin);
    if (!pool) {
      pool = new OriginPool(request.origin, this.#connections, this.#settings, this);
      this.#pools.set(request.origin, pool);
    }
    const exchange = new Exchange(request, sink, pool);
    pool.enter(exchange);
    exchange.opened();
    return exchange;
  }

  busy(pool: OriginPool): void { this.#idle.delete(pool); }
  idle(pool: OriginPool): void { this.#idle.add(pool); }
}

export function undici(options: UndiciOptions = {}): Transport {
  return new UndiciTransport(options);
}
