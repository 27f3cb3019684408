import { ConfigError } from '../core/errors.js';
import { positiveWhole } from '../core/numbers.js';
import { readOptions } from '../core/options.js';

/** What TLS may be told, in the words of node's `tls.connect`. */
export interface TlsOptions {
  /** Authorities to trust, PEM; they replace the platform's. */
  readonly ca?: string | readonly string[];
  /** The client's certificate chain, PEM. */
  readonly cert?: string;
  /** The client's private key, PEM. */
  readonly key?: string;
  readonly passphrase?: string;
  /** The name to ask for and to check. @defaultValue the URL's host */
  readonly servername?: string;
  /** `false` accepts any certificate: for tests on one's own machine only. @defaultValue true */
  readonly rejectUnauthorized?: boolean;
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3';
}

/** A proxy that opens tunnels (`CONNECT`). */
export interface ProxyOptions {
  /** `http:` or `https:`; user and password in it become the proxy's `Proxy-Authorization`. */
  readonly url: string | { readonly href: string };
  /** `Proxy-Authorization`, where it is not user and password: `Bearer ...`. */
  readonly authorization?: string;
  /** Further fields for the proxy alone. */
  readonly headers?: Readonly<Record<string, string>>;
  /** How to trust a proxy that is spoken to over TLS. */
  readonly tls?: TlsOptions;
}

/** An undici 7 dispatcher, of any copy of undici: Agent, Pool, MockAgent, or one composed with interceptors. */
export interface DispatcherLike {
  dispatch(options: object, handler: object): boolean;
}

/** Settings for `undici()`. */
export interface UndiciOptions {
  /** Calls to one origin at once; more of them wait. Streamed answers do not count. @defaultValue 256 */
  readonly connections?: number;
  /** How long opening a connection may take, TLS included. Unit: milliseconds, give or take a second. @defaultValue 10 000 */
  readonly connectMs?: number;
  /** How long an unused connection stays open, where the server does not say. Unit: milliseconds. @defaultValue 4 000 */
  readonly keepAliveMs?: number;
  /** Certificates and trust. @defaultValue the platform's */
  readonly tls?: TlsOptions;
  /** Offers HTTP/2 to `https:` origins: all calls to one share a connection. @defaultValue false */
  readonly http2?: boolean;
  /** Sends everything through a proxy's tunnel. @defaultValue none; no environment variable is read */
  readonly proxy?: string | ProxyOptions;
  /** Sends everything through this dispatcher, which decides about connections: no other option fits beside it. */
  readonly dispatcher?: DispatcherLike;
}

/** Options that were read and checked. */
export interface UndiciSettings {
  readonly connections: number;
  readonly connectMs: number;
  readonly keepAliveMs: number;
  readonly tls: TlsOptions;
  readonly http2: boolean;
  readonly proxy: ProxyOptions | undefined;
  readonly dispatcher: DispatcherLike | undefined;
}

const NAMES = ['connections', 'connectMs', 'keepAliveMs', 'tls', 'http2', 'proxy', 'dispatcher'] as const;
const TLS_NAMES = ['ca', 'cert', 'key', 'passphrase', 'servername', 'rejectUnauthorized', 'minVersion'] as const;
const PROXY_NAMES = ['url', 'authorization', 'headers', 'tls'] as const;

/** Timers fire at once above this. */
const LONGEST_MS = 2_147_483_647;

/** @throws ConfigError when an option is unknown or out of range, or stands beside `dispatcher` */
export function readUndici(given: UndiciOptions): UndiciSettings {
  const options = readOptions(given, NAMES, 'undici') as UndiciOptions;
  const { connections = 256, connectMs = 10_000, keepAliveMs = 4_000, http2 = false, proxy, dispatcher } = options;
  if (dispatcher) refuseBeside(dispatcher, options);
  return {
    connections: positiveWhole(connections, 'undici.connections'),
    connectMs: Math.min(positiveWhole(connectMs, 'undici.connectMs'), LONGEST_MS),
    keepAliveMs: Math.min(positiveWhole(keepAliveMs, 'undici.keepAliveMs'), LONGEST_MS),
    tls: readOptions(options.tls, TLS_NAMES, 'undici.tls'),
    http2,
    proxy: proxy === undefined ? undefined : readProxy(proxy),
    dispatcher,
  };
}

function readProxy(given: string | ProxyOptions): ProxyOptions {
  if (typeof given === 'string') return { url: given };
  const proxy = readOptions(given, PROXY_NAMES, 'undici.proxy') as unknown as ProxyOptions;
  return { ...proxy, tls: readOptions(proxy.tls, TLS_NAMES, 'undici.proxy.tls') };
}

function refuseBeside(dispatcher: DispatcherLike, options: UndiciOptions): void {
  if (typeof dispatcher.dispatch !== 'function') {
    throw new ConfigError('undici.dispatcher', 'must have a dispatch method, as the dispatchers of undici 7 have');
  }
  const other = NAMES.find((name) => name !== 'dispatcher' && options[name] !== undefined);
  if (!other) return;
  throw new ConfigError(`undici.${other}`, 'is for the dispatcher to decide: set it there, or leave one of them out');
}
