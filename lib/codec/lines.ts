import type { Decoder, DecoderContext, DecoderRun } from './decoder.js';
import { LineReader } from './line-reader.js';
import { utf8 } from './utf8.js';

class LinesRun implements DecoderRun<string> {
  readonly #lines: LineReader;

  constructor(context: DecoderContext) {
    this.#lines = new LineReader(utf8, context.limits.lineBytes);
  }

  push(bytes: Uint8Array): void {
    this.#lines.push(bytes);
  }

  end(): void {
    this.#lines.end();
  }

  read(emit: (value: string) => boolean): void {
    for (let line = this.#lines.next(); line !== undefined; line = this.#lines.next()) {
      if (!emit(line.endsWith('\r') ? line.slice(0, -1) : line)) return;
    }
  }
}

/**
 * Reads text line by line, each line delivered as it arrives.
 *
 * Lines end in LF or CRLF and come without them; so does a last line that ends in CR or in nothing. A CR elsewhere,
 * U+2028 and the like are text. Blank lines count. The bytes are read as UTF-8: one byte order mark is left out, what
 * is not UTF-8 becomes U+FFFD. A line over `limits.lineBytes` is a `LimitError` that names it, after the lines before
 * it.
 *
 * V8 lets a line share memory with up to 16 kB of its neighbours: copy the few lines you keep of many.
 *
 * @example
 * ```ts
 * import { lines } from 'millrace';
 *
 * lines().many; // => true
 * ```
 */
export function lines(): Decoder<string> {
  return { accept: 'text/plain, */*;q=0.1', many: true, create: (context) => new LinesRun(context) };
}
