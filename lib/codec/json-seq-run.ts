import { type DecodeError, LimitError } from '../core/answer-errors.js';
import { Ring } from '../core/ring.js';
import type { DecoderContext, DecoderRun } from './decoder.js';
import { Gathered } from './gathered.js';
import { badJson, parseJson } from './json-text.js';
import { strictUtf8 } from './utf8.js';

/** The record separator that begins each text. */
const RS = 0x1e;
const LF = 10;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const NOTHING = new Uint8Array(0);
const BLANK = /^[ \t\r\n]*$/;
/** A number or a word is whole only where white space follows it: 12 may be the beginning of 123. */
const OPEN_ENDED = /^\s*(?:-?[\d.eE+-]+|true|false|null)$/;

/**
 * Cuts a sequence of JSON texts, byte by byte: a text leaves with the LF that ends it, since the record separator of
 * the next one may come much later.
 */
export class JsonSeqRun<T> implements DecoderRun<T> {
  readonly #context: DecoderContext;
  readonly #limit: number;
  readonly #chunks = new Ring<Uint8Array>(4);
  readonly #text: Gathered;
  #chunk: Uint8Array = NOTHING;
  #at = 0;
  #isEnded = false;
  /** Whether a record separator has begun a text: what stands outside of one is a fault. */
  #isWithin = false;
  /** Open brackets and braces, and whether a string is open, so far. */
  #depth = 0;
  #isString = false;
  #isEscaped = false;
  #record = 0;

  constructor(context: DecoderContext) {
    this.#context = context;
    this.#limit = context.limits.lineBytes;
    this.#text = new Gathered(this.#limit);
  }

  push(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#chunks.push(bytes);
  }

  end(): void {
    this.#isEnded = true;
  }

  read(emit: (value: T) => boolean): void {
    for (let bytes = this.#next(); bytes; bytes = this.#next()) {
      const isWithin = this.#isWithin;
      this.#isWithin = this.#isString = this.#isEscaped = false;
      this.#depth = 0;
      let value;
      try {
        value = this.#parse(bytes, isWithin);
      } catch (error) {
        if (!this.#context.invalid) throw error;
        this.#context.invalid(error as DecodeError);
        continue;
      }
      if (value !== undefined && !emit(value as T)) return;
    }
  }

  /** The next text, whole or not; `undefined` when there is none yet. */
  #next(): Uint8Array | undefined {
    for (;;) {
      if (this.#at === this.#chunk.length && !this.#load()) {
        return this.#isEnded && this.#text.length > 0 ? this.#text.take() : undefined;
      }
      const from = this.#at;
      if (this.#chunk[from] === RS) {
        if (this.#text.length > 0) return this.#text.take();
        this.#at++;
        this.#isWithin = true;
        continue;
      }
      const to = this.#textEnd(this.#chunk, from);
      this.#at = to;
      this.#text.push(this.#chunk.subarray(from, to));
      if (this.#text.length > this.#limit) {
        throw new LimitError('lineBytes', this.#limit, `record ${this.#record + 1} is too long`);
      }
      if (this.#depth <= 0 && !this.#isString && this.#chunk[to - 1] === LF) return this.#text.take();
    }
  }

  #load(): boolean {
    const chunk = this.#chunks.shift();
    if (!chunk) return false;
    this.#chunk = chunk;
    this.#at = 0;
    return true;
  }

  /** Behind the LF that ends a text, or at the record separator that does, or where the chunk ends. */
  #textEnd(chunk: Uint8Array, from: number): number {
    for (let at = from; at < chunk.length; at++) {
      const byte = chunk[at]!;
      if (byte === RS) return at;
      if (this.#isEscaped) this.#isEscaped = false;
      else if (this.#isString) {
        if (byte === BACKSLASH) this.#isEscaped = true;
        else if (byte === QUOTE) this.#isString = false;
      } else if (byte === QUOTE) this.#isString = true;
      else if (byte === 0x7b || byte === 0x5b) this.#depth++;
      else if (byte === 0x7d || byte === 0x5d) this.#depth--;
      else if (byte === LF && this.#depth <= 0) return at + 1;
    }
    return chunk.length;
  }

  /** @returns `undefined` where there is only white space */
  #parse(bytes: Uint8Array, isWithin: boolean): unknown {
    let text;
    try {
      text = strictUtf8.decode(bytes);
    } catch (error) {
      throw badJson('it is not UTF-8', ++this.#record, undefined, error);
    }
    if (BLANK.test(text)) {
      this.#isWithin = isWithin;
      return undefined;
    }
    this.#record++;
    if (!isWithin) throw badJson('no record separator (0x1E) begins it', this.#record);
    if (OPEN_ENDED.test(text)) throw badJson('it is cut off', this.#record);
    return parseJson(text, this.#record);
  }
}
