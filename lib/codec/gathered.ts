const NOTHING: Uint8Array = new Uint8Array(0);

/**
 * Puts chunks together.
 *
 * A single chunk is handed on as it came. More go into one buffer that doubles: a list would hold an object per chunk,
 * and a server that sends single bytes would fill a hundred times the limit.
 */
export class Gathered {
  length = 0;
  readonly #most: number;
  #bytes = NOTHING;
  /** Whether `#bytes` is a buffer of ours, which may be longer than what it holds. */
  #own = false;

  /** @param most - the buffer need not be longer. Unit: bytes */
  constructor(most: number) {
    this.#most = most;
  }

  push(bytes: Uint8Array): void {
    const held = this.length;
    this.length += bytes.length;
    if (held === 0) {
      this.#bytes = bytes;
      return;
    }
    if (!this.#own || this.length > this.#bytes.length) {
      const room = new Uint8Array(Math.max(this.length, Math.min(2 * this.length, this.#most)));
      room.set(this.#bytes.subarray(0, held));
      this.#bytes = room;
      this.#own = true;
    }
    this.#bytes.set(bytes, held);
  }

  /** All of it, which it then forgets. */
  take(): Uint8Array {
    const bytes = this.#own ? this.#bytes.subarray(0, this.length) : this.#bytes;
    this.#bytes = NOTHING;
    this.length = 0;
    this.#own = false;
    return bytes;
  }
}
