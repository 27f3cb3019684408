import type { Decoder } from '../codec/decoder.js';
import type { FlowOperator } from '../core/flow.js';
import { flowOperator } from '../core/flow-operator.js';
import { must } from '../core/must.js';
import { readOptions } from '../core/options.js';
import { DEFAULT_LIMITS, type Limits } from '../core/wire.js';
import { does, readLimits } from '../http/settings.js';
import { DecodeRun } from './decode-run.js';

/** Settings for {@link decode}. */
export interface DecodeOptions {
  /** How long a record, and a body that is one value, may be. @defaultValue 1 MiB and 10 MiB, as for a call */
  readonly limits?: Partial<Pick<Limits, 'lineBytes' | 'bodyBytes'>>;
}

/**
 * Makes values of bytes that come from elsewhere than an API: a file, a Blob in a worker, a socket. Decoders are those
 * of a call's `as`.
 *
 * - next: each value, no faster than it is asked for; the next chunk is asked for when those before it are used up.
 * - error: the source's error, the same object, behind the values before it; a DecodeError, SchemaError or LimitError.
 * - complete: when the source has completed and all values are sent.
 * - unsubscribe: cancels the source.
 *
 * @param decoder - how bytes are read: `sse()`, `jsonSeq()`, `ndjson()`, `lines()`, `json()` and the like
 * @param options - see {@link DecodeOptions}
 * @returns an operator on chunks of bytes that emits values
 * @throws ConfigError when an option is wrong; through the Flow, when a chunk is no `Uint8Array`
 * @see HTML Standard, "Server-sent events"; RFC 7464, "JavaScript Object Notation (JSON) Text Sequences"
 *
 * @example
 * ```ts
 * import { decode, fromReadable, jsonSeq } from 'millrace';
 *
 * const file = new Blob(['\x1e{"id":1}\n', '\x1e{"id":2}\n']);
 * const ids: number[] = [];
 * for await (const { id } of fromReadable(() => file.stream()).via(decode(jsonSeq<{ id: number }>()))) ids.push(id);
 * ids; // => [1, 2]
 * ```
 */
export function decode<T>(decoder: Decoder<T>, options: DecodeOptions = {}): FlowOperator<Uint8Array, T> {
  const given = readOptions(options, ['limits'], 'decode');
  must(does(decoder, 'create'), 'decode.decoder', 'a decoder such as sse() or ndjson()');
  const { limits } = readLimits(given['limits'], { limits: DEFAULT_LIMITS, limitsSet: [] });
  return flowOperator((source, to) => new DecodeRun(to, decoder, limits).startWith(source));
}
