import type { Decoder } from '../codec/decoder.js';
import { json } from '../codec/json.js';
import { isStandardSchema } from '../codec/schema.js';
import { ConfigError } from '../core/errors.js';
import { must } from '../core/must.js';
import { finiteFrom, positiveWhole } from '../core/numbers.js';
import { isPlain, readOptions } from '../core/options.js';
import type { ApiResponse } from '../http/answer-types.js';
import { type Api, CLIENT } from '../http/api.js';
import { does } from '../http/settings.js';
import type { CallOptions } from '../http/types.js';
import type { ConnectionRules } from './connections.js';
import { EXCHANGE_KEYS, type ExchangeOptions, type PerExchange } from './exchange-options.js';
import { type ReconnectOptions, readReconnect } from './reconnect-options.js';
import { CHECKSUMS } from './upload-checksum.js';
import { isBlob, type UploadBlob, type UploadSource } from './upload-source.js';
import { memoryUploadStore, type UploadStore } from './upload-store.js';

/**
 * How the bytes are sent: by tus 1.0.0; in one request as the body of a PUT or as a form; or, experimental and apt to
 * change, by draft-ietf-httpbis-resumable-upload-11.
 */
export type UploadProtocol = 'tus' | 'put' | 'multipart' | 'experimental-draft-11';

/** Settings for `upload`. */
export interface UploadOptions<T = unknown> extends Omit<ExchangeOptions, 'cache'> {
  /** @defaultValue 'tus' */
  readonly protocol?: UploadProtocol;
  /** Bytes of a stream, where they are known: without it the server must take uploads of unknown size. */
  readonly size?: number;
  /** Name, type and what else the server wants to know; with `multipart`, fields of the form. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Bytes of one request; a stream has so many in memory. @defaultValue 8 MiB */
  readonly chunkBytes?: number;
  /** Has each chunk checked by the server, where it can. */
  readonly checksum?: 'sha1' | 'sha256' | 'sha512';
  /** Parts that are sent side by side, where the server puts them together and the source can be read anywhere. @defaultValue 1 */
  readonly parallel?: number;
  /** Where the upload is remembered. @defaultValue in this Flow */
  readonly store?: UploadStore;
  /** What the store knows the upload by. @defaultValue path, name, type, size and date of a File, where the path is a string */
  readonly fingerprint?: string;
  /** How the answer that completes the upload is read. @defaultValue text() */
  readonly as?: CallOptions<T>['as'];
  /** How it goes on after a failure; `false`: not at all. */
  readonly reconnect?: ReconnectOptions | false;
}

/** What an upload has led to. */
export interface UploadResult<T = unknown> {
  /** Where the upload is. */
  readonly url: string;
  /** Bytes in all. */
  readonly bytes: number;
  /** The answer that completed it; that of HEAD where it was complete already. */
  readonly response: ApiResponse<T>;
}

/** An upload's options, read and checked. */
export interface UploadSettings extends ConnectionRules {
  readonly path: PerExchange<string>;
  readonly source: UploadSource;
  readonly exchange: ExchangeOptions;
  readonly protocol: UploadProtocol;
  readonly size: number | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  readonly chunkBytes: number;
  readonly checksum: string | undefined;
  readonly parallel: number;
  readonly store: UploadStore;
  readonly fingerprint: string;
  readonly as: Decoder<unknown> | undefined;
}

const OWN = 'protocol size metadata chunkBytes checksum parallel store fingerprint as reconnect'.split(' ');
// Without `cache`: what is asked of an upload must come from the server itself.
const KEYS = [...EXCHANGE_KEYS.filter((key) => key !== 'cache'), ...OWN];
const PROTOCOLS: readonly UploadProtocol[] = ['tus', 'put', 'multipart', 'experimental-draft-11'];

function readMetadata(input: unknown, protocol: UploadProtocol): Readonly<Record<string, string>> {
  if (input === undefined) return {};
  const field = 'upload.metadata';
  must(isPlain(input), field, 'a record of strings');
  const metadata = { ...(input as Record<string, string>) };
  for (const [key, value] of Object.entries(metadata)) {
    must(typeof value === 'string', `${field}.${key}`, 'a string');
    const ok = protocol !== 'tus' || /^[\x21-\x2b\x2d-\x7e]+$/.test(key);
    must(ok, field, `a record whose keys are ASCII without blanks and commas, which ${JSON.stringify(key)} is not`);
  }
  const has = protocol === 'tus' || protocol === 'multipart' || Object.keys(metadata).length === 0;
  if (!has) throw new ConfigError(field, `cannot be sent by ${protocol}: use headers`);
  return metadata;
}

function fingerprintOf(given: UploadOptions, path: PerExchange<string>, source: UploadSource): string {
  const { fingerprint, store } = given;
  if (fingerprint !== undefined) {
    must(typeof fingerprint === 'string' && fingerprint !== '', 'upload.fingerprint', 'a string');
    return fingerprint;
  }
  if (!store) return 'upload';
  const { name, type, size, lastModified } = isBlob(source) ? source : ({} as Partial<UploadBlob>);
  if (name !== undefined && typeof path === 'string')
    return JSON.stringify(['upload', path, name, type, size, lastModified]);
  throw new ConfigError('upload.fingerprint', 'is needed with a store: a name by which this source is known again');
}

function decoderOf(as: UploadOptions['as']): Decoder<unknown> | undefined {
  const ok = as === undefined || isStandardSchema(as) || does(as, 'create');
  must(ok, 'upload.as', 'a decoder such as json(), or a Standard Schema');
  return isStandardSchema(as) ? json(as) : (as as Decoder<unknown> | undefined);
}

/** @throws ConfigError when an option is wrong */
export function readUpload(
  api: Api,
  path: PerExchange<string>,
  source: UploadSource,
  options: UploadOptions,
): UploadSettings {
  const given: UploadOptions = readOptions(options, KEYS, 'upload');
  const { protocol = 'tus', size, checksum, store } = given;
  must(PROTOCOLS.includes(protocol), 'upload.protocol', `one of '${PROTOCOLS.join("', '")}'`);
  const names = Object.keys(CHECKSUMS);
  must(checksum === undefined || names.includes(checksum), 'upload.checksum', `one of '${names.join("', '")}'`);
  must(!checksum || protocol === 'tus', 'upload.checksum', `left out: only tus has one, not ${protocol}`);
  must(
    store === undefined || does(store, 'get', 'set', 'remove'),
    'upload.store',
    'an object with get, set and remove',
  );
  return {
    client: api[CLIENT],
    path,
    source,
    exchange: given,
    reconnect: readReconnect(given.reconnect, 'upload.reconnect'),
    protocol,
    size: size === undefined ? undefined : finiteFrom(0, size, 'upload.size'),
    metadata: readMetadata(given.metadata, protocol),
    chunkBytes: positiveWhole(given.chunkBytes ?? 8_388_608, 'upload.chunkBytes'),
    checksum,
    parallel: finiteFrom(1, given.parallel ?? 1, 'upload.parallel'),
    store: store ?? memoryUploadStore(),
    fingerprint: fingerprintOf(given, path, source),
    as: decoderOf(given.as),
  };
}
