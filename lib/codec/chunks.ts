import { Ring } from '../core/ring.js';
import { join, nextCharacter } from './utf8.js';

/** Pieces shorter than this wait for a line break: a string per byte would cost thirty times the text. */
export const SHORT = 128;
/** Of a chunk larger than this, no more than {@link SHORT} is copied. */
const LARGE = 4096;

/** Chunks of UTF-8 in the order they came, each behind what was left over of the one before. */
export class Chunks {
  readonly #waiting = new Ring<Uint8Array>(4);
  /** Undecoded end of the last chunk: part of a character, or a short part of a line. */
  #cut: Uint8Array | undefined;
  /** The chunk of which a few bytes went to the one before. */
  #after: Uint8Array | undefined;

  push(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#waiting.push(bytes);
  }

  /** Whether none waits. */
  get isEmpty(): boolean {
    return this.#waiting.length === 0 && this.#after === undefined;
  }

  /** Whether something was left over. */
  get isCut(): boolean {
    return this.#cut !== undefined;
  }

  /** Keeps what cannot be decoded before more bytes have come. */
  leave(cut: Uint8Array): void {
    this.#cut = cut;
  }

  /** @param isEnded - whether what was left over is a chunk by itself, since none follows */
  take(isEnded: boolean): Uint8Array | undefined {
    const next = this.#after ?? this.#waiting.shift();
    const cut = this.#cut;
    if (!next && !isEnded) return undefined;
    this.#cut = this.#after = undefined;
    if (!cut || !next) return next ?? cut;
    // Of a large chunk only the beginning is copied, up to the end of a character: all of it would cost as much as decoding.
    const size = next.length > LARGE ? nextCharacter(next, SHORT) : next.length;
    if (size < next.length) this.#after = next.subarray(size);
    return join(cut, next.subarray(0, size));
  }
}
