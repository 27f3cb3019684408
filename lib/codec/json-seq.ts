import type { StandardSchemaV1 } from '@standard-schema/spec';

import type { Decoder, OnInvalid } from './decoder.js';
import { JsonSeqRun } from './json-seq-run.js';
import { readOnInvalid } from './on-invalid.js';
import { schemaPart } from './schema.js';

/** Settings for {@link jsonSeq}. */
export interface JsonSeqOptions {
  /**
   * What becomes of a text that is not JSON, or that the schema refuses: `fail` ends the stream with the error, `skip`
   * leaves the text out, `collect` leaves it out and hands the error to whoever asked for them.
   * @defaultValue 'collect'
   */
  readonly onInvalid?: OnInvalid;
}

/**
 * Reads a sequence of JSON texts (`application/json-seq`): each begins with a record separator (0x1E), ends with a line
 * feed and may have more of them in it.
 *
 * Each text is delivered with the line feed that ends it. Several separators in a row count as one. A text that cannot
 * be read, that is cut off or that no separator begins is a `DecodeError` that names it; its neighbours are kept. A
 * number, `true`, `false` or `null` that no white space follows is cut off. A text over `limits.lineBytes` is a
 * `LimitError` and ends the stream. Files are read with `decode`.
 *
 * @param schema - checks each value after decoding; without it the type is the caller's word
 * @throws ConfigError when `schema` is not a Standard Schema or an option is unknown
 * @see RFC 7464, JavaScript Object Notation (JSON) Text Sequences
 *
 * @example
 * ```ts
 * import { jsonSeq } from 'millrace';
 *
 * const city = jsonSeq<{ name: string }>(undefined, { onInvalid: 'skip' });
 * city.accept; // => 'application/json-seq'
 * ```
 */
export function jsonSeq<T = unknown>(schema?: StandardSchemaV1<unknown, T>, options?: JsonSeqOptions): Decoder<T> {
  return {
    accept: 'application/json-seq',
    many: true,
    ...schemaPart(schema, 'jsonSeq'),
    onInvalid: readOnInvalid(options, 'jsonSeq'),
    create: (context) => new JsonSeqRun(context),
  };
}
