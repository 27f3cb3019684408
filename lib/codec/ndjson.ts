import type { StandardSchemaV1 } from '@standard-schema/spec';

import type { DecodeError } from '../core/answer-errors.js';
import type { Decoder, DecoderContext, DecoderRun, OnInvalid } from './decoder.js';
import { badJson, parseJson } from './json-text.js';
import { LineReader } from './line-reader.js';
import { readOnInvalid } from './on-invalid.js';
import { schemaPart } from './schema.js';
import { strictUtf8 } from './utf8.js';

/** Settings for {@link ndjson}. */
export interface NdjsonOptions {
  /**
   * What becomes of a record that is not JSON, or that the schema refuses: `fail` ends the stream with the error,
   * `skip` leaves the record out, `collect` leaves it out and hands the error to whoever asked for them.
   * @defaultValue 'collect'
   */
  readonly onInvalid?: OnInvalid;
}

/** Bytes decoded at once. No line is kept, so that none keeps its neighbours, which bounds the windows of `lines`. */
const WINDOW = 65_536;
const BLANK = /^[ \t\r]*$/;

class NdjsonRun<T> implements DecoderRun<T> {
  readonly #context: DecoderContext;
  readonly #lines: LineReader;
  #record = 0;

  constructor(context: DecoderContext) {
    this.#context = context;
    this.#lines = new LineReader(strictUtf8, context.limits.lineBytes, WINDOW);
  }

  push(bytes: Uint8Array): void {
    this.#lines.push(bytes);
  }

  end(): void {
    this.#lines.end();
  }

  read(emit: (value: T) => boolean): void {
    for (let line = this.#next(); line !== undefined; line = this.#next()) {
      this.#record++;
      let value;
      try {
        value = this.#parse(line);
      } catch (error) {
        if (!this.#context.invalid) throw error;
        this.#context.invalid(error as DecodeError);
        continue;
      }
      if (!emit(value)) return;
    }
  }

  /** The next line that is not blank. */
  #next(): string | undefined {
    for (;;) {
      const line = this.#lines.next();
      if (line === undefined || line.charCodeAt(0) > 32 || this.#lines.spoilt || !BLANK.test(line)) return line;
    }
  }

  #parse(line: string): T {
    if (this.#lines.spoilt) throw badJson('it is not UTF-8', this.#record);
    return parseJson(line, this.#record) as T;
  }
}

/**
 * Reads newline-delimited JSON (NDJSON, JSON Lines): one value per line, each delivered as it arrives.
 *
 * Lines end in LF or CRLF, the last one may do without. Blank lines are left out and not counted as records. One byte
 * order mark is left out. The bytes must be UTF-8. A record that cannot be read, or that is cut off at the end of the
 * body, is a `DecodeError` that names it; its neighbours are kept. A line over `limits.lineBytes` is a `LimitError`
 * and ends the stream. Values are parsed one at a time, as they are asked for.
 *
 * @param schema - checks each value after decoding; without it the type is the caller's word
 * @throws ConfigError when `schema` is not a Standard Schema or an option is unknown
 * @see https://github.com/ndjson/ndjson-spec and https://jsonlines.org
 *
 * @example
 * ```ts
 * import { ndjson } from 'millrace';
 *
 * const city = ndjson<{ name: string }>(undefined, { onInvalid: 'skip' });
 * city.many; // => true
 * city.onInvalid; // => 'skip'
 * ```
 */
export function ndjson<T = unknown>(schema?: StandardSchemaV1<unknown, T>, options?: NdjsonOptions): Decoder<T> {
  return {
    accept: 'application/x-ndjson, application/ndjson, application/jsonl',
    many: true,
    ...schemaPart(schema, 'ndjson'),
    onInvalid: readOnInvalid(options, 'ndjson'),
    create: (context) => new NdjsonRun(context),
  };
}
