import { LimitError } from '../core/answer-errors.js';
import type { DecoderContext, DecoderRun } from './decoder.js';
import { Gathered } from './gathered.js';

/** Gathers a body that is one value. */
export class WholeBody<T> implements DecoderRun<T> {
  readonly #context: DecoderContext;
  readonly #decode: (bytes: Uint8Array, context: DecoderContext) => T;
  readonly #body: Gathered;
  #ended = false;

  /** @param decode - makes the value, when the body is complete */
  constructor(context: DecoderContext, decode: (bytes: Uint8Array, context: DecoderContext) => T) {
    this.#context = context;
    this.#decode = decode;
    this.#body = new Gathered(context.limits.bodyBytes);
  }

  push(bytes: Uint8Array): void {
    const limit = this.#context.limits.bodyBytes;
    if (this.#body.length + bytes.length > limit) {
      this.#body.take();
      throw new LimitError('bodyBytes', limit, 'the body is too large');
    }
    this.#body.push(bytes);
  }

  end(): void {
    this.#ended = true;
  }

  read(emit: (value: T) => boolean): void {
    if (!this.#ended) return;
    this.#ended = false;
    emit(this.#decode(this.#body.take(), this.#context));
  }
}
