import { ConfigError } from '../core/errors.js';
import { must } from '../core/must.js';
import { finiteFrom } from '../core/numbers.js';
import { readOptions } from '../core/options.js';
import { type Api, CLIENT } from '../http/api.js';
import type { ConnectionRules } from './connections.js';
import { EXCHANGE_KEYS, type ExchangeOptions, type PerExchange } from './exchange-options.js';
import { type ReconnectOptions, readReconnect } from './reconnect-options.js';
import type { DownloadCursor } from './representation.js';

/** Settings for `download`. */
export interface DownloadOptions extends ExchangeOptions {
  /** Goes on with an earlier download, of this process or another: the `cursor` of its last event. */
  readonly from?: DownloadCursor;
  /** What the bytes must hash to, as 64 hexadecimal digits; `true` for what the server says in `Repr-Digest`. */
  readonly sha256?: string | true;
  /**
   * Called right before the first byte comes a second time, since what is downloaded has changed or the server cannot
   * resume: throw away what you have. Without it such a download fails.
   */
  readonly restart?: (cause: unknown) => void;
  /** How it connects again; `false`: not at all. */
  readonly reconnect?: ReconnectOptions | false;
}

/** A download's options, read and checked. */
export interface DownloadSettings extends ConnectionRules {
  readonly path: PerExchange<string>;
  readonly exchange: ExchangeOptions;
  readonly from: DownloadCursor | undefined;
  readonly sha256: string | true | undefined;
  readonly restart: ((cause: unknown) => void) | undefined;
}

function readFrom(input: unknown): DownloadCursor | undefined {
  if (input === undefined) return undefined;
  const { offset, etag } = readOptions(input, ['offset', 'etag'], 'download.from');
  finiteFrom(0, offset, 'download.from.offset');
  const isStrong = typeof etag === 'string' && etag.startsWith('"');
  must(isStrong, 'download.from.etag', 'a strong entity tag with its quotes, from the cursor of an event');
  return { offset: offset as number, etag: etag as string };
}

/** @throws ConfigError when an option is wrong */
export function readDownload(api: Api, path: PerExchange<string>, options: DownloadOptions): DownloadSettings {
  const keys = [...EXCHANGE_KEYS, 'from', 'sha256', 'restart', 'reconnect'];
  const given: DownloadOptions = readOptions(options, keys, 'download');
  const { sha256, restart } = given;
  const isDigest = sha256 === undefined || sha256 === true || /^[0-9a-f]{64}$/i.test(sha256);
  must(isDigest, 'download.sha256', '64 hexadecimal digits, or true for what the server says');
  must(restart === undefined || typeof restart === 'function', 'download.restart', 'a function of the cause');
  const from = readFrom(given.from);
  if (from && sha256 !== undefined) {
    throw new ConfigError('download.sha256', 'needs all bytes: check it yourself when you begin from a cursor');
  }
  const reconnect = readReconnect(given.reconnect, 'download.reconnect');
  return { client: api[CLIENT], path, exchange: given, reconnect, from, sha256, restart };
}
