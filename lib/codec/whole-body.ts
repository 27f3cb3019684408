import { LimitError } from '../core/answer-errors.js';
import type { DecoderContext, DecoderRun } from './decoder.js';

const NOTHING: Uint8Array = new Uint8Array(0);

/**
 * Gathers a body that is one value.
 *
 * A single chunk is handed on as it came. More go into one buffer that doubles: a list would hold an object per chunk,
 * and a server that sends single bytes would fill a hundred times `bodyBytes`.
 */
export class WholeBody<T> implements DecoderRun<T> {
  readonly #context: DecoderContext;
  readonly #decode: (bytes: Uint8Array, context: DecoderContext) => T;
  #bytes = NOTHING;
  #length = 0;
  /** Whether `#bytes` is a buffer of ours, which may be longer than what it holds. */
  #own = false;
  #ended = false;

  /** @param decode - makes the value, when the body is complete */
  constructor(context: DecoderContext, decode: (bytes: Uint8Array, context: DecoderContext) => T) {
    this.#context = context;
    this.#decode = decode;
  }

  push(bytes: Uint8Array): void {
    const held = this.#length;
    const limit = this.#context.limits.bodyBytes;
    this.#length += bytes.length;
    if (this.#length > limit) {
      this.#bytes = NOTHING;
      throw new LimitError('bodyBytes', limit, 'the body is too large');
    }
    if (held === 0) {
      this.#bytes = bytes;
      return;
    }
    if (!this.#own || this.#length > this.#bytes.length) {
      const room = new Uint8Array(Math.min(2 * this.#length, limit));
      room.set(this.#bytes.subarray(0, held));
      this.#bytes = room;
      this.#own = true;
    }
    this.#bytes.set(bytes, held);
  }

  end(): void {
    this.#ended = true;
  }

  read(emit: (value: T) => boolean): void {
    if (!this.#ended) return;
    this.#ended = false;
    const bytes = this.#own ? this.#bytes.subarray(0, this.#length) : this.#bytes;
    this.#bytes = NOTHING;
    emit(this.#decode(bytes, this.#context));
  }
}
