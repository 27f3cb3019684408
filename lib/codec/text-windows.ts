import { Chunks, SHORT } from './chunks.js';
import { utf8, wholeCharacters } from './utf8.js';

/** Most bytes decoded at once: bounds what a huge chunk costs before its first value, and what a kept string keeps. */
const WINDOW = 16_384;
const NONE = new Uint8Array(0);
const LF = 10;
const CR = 13;

/**
 * Decodes UTF-8 in windows of whole characters, wherever the chunks end. One byte order mark is left out, what is not
 * UTF-8 becomes U+FFFD. A chunk with a line break is decoded at once.
 *
 * `TextDecoder` is not told to `stream`, because that leaves the fast path of Node 20: 1.1 ms instead of 0.2 ms per MB.
 */
export class TextWindows {
  /** What the text returned last was before, and how long that was without a byte order mark. */
  window: Uint8Array = NONE;
  bytes = 0;
  readonly #chunks = new Chunks();
  /** The chunk being decoded, and how far it has been. */
  #chunk: Uint8Array | undefined;
  #from = 0;
  #begun = false;

  push(bytes: Uint8Array): void {
    this.#chunks.push(bytes);
  }

  /** The next text, never empty; `undefined` when there is none yet. */
  next(): string | undefined {
    for (let chunk = this.#chunk ?? this.#take(); chunk; chunk = this.#take()) {
      const from = this.#from;
      let to = Math.min(chunk.length, from + WINDOW);
      if (chunk[to - 1]! >= 0x80) to = wholeCharacters(chunk, from, to);
      if (to === from || (to - from < SHORT && !hasBreak(chunk, from))) {
        this.#chunks.leave(chunk.subarray(from));
        this.#chunk = undefined;
        continue;
      }
      this.#chunk = to < chunk.length ? chunk : undefined;
      this.#from = to;
      this.bytes = to - from;
      this.window = to - from === chunk.length ? chunk : chunk.subarray(from, to);
      const text = utf8.decode(this.window);
      if (this.#begun || text.charCodeAt(0) !== 0xfeff) {
        this.#begun = true;
        return text;
      }
      this.#begun = true;
      this.bytes -= 3;
      if (text.length > 1) return text.slice(1);
    }
    return undefined;
  }

  /** Whether bytes wait for more, of which at least one is no line break. */
  get isCut(): boolean {
    return this.#chunks.isCut;
  }

  #take(): Uint8Array | undefined {
    const chunk = this.#chunks.take(false);
    if (chunk) this.#from = 0;
    return chunk;
  }
}

function hasBreak(bytes: Uint8Array, from: number): boolean {
  const rest = from === 0 ? bytes : bytes.subarray(from);
  return rest.includes(LF) || rest.includes(CR);
}
