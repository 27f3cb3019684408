import type { Transform } from 'node:stream';

import type { Coding } from './codings.js';

/** What a layer writes to: the next layer, or the consumer. */
export interface Next {
  /** @returns false when it is full; a layer's `drained` tells when it is not any more */
  write(bytes: Uint8Array): boolean;
  end(): void;
}

/** One content coding being undone; its stream begins with its first bytes. */
export class Layer implements Next {
  readonly #coding: Coding;
  readonly #next: Next;
  readonly #fail: (error: unknown) => void;
  #stream: Transform | undefined;
  #paused = false;
  /** Called when a `write` said false and more is welcome now. */
  drained = (): void => {};

  constructor(coding: Coding, next: Next, fail: (error: unknown) => void) {
    this.#coding = coding;
    this.#next = next;
    this.#fail = fail;
  }

  write(bytes: Uint8Array): boolean {
    this.#stream ??= this.#start(bytes);
    return this.#stream.write(bytes);
  }

  /** A body without a single byte is whole: some servers announce a coding for nothing. */
  end(): void {
    if (this.#stream) this.#stream.end();
    else this.#next.end();
  }

  pause(): void {
    this.#paused = true;
    this.#stream?.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#stream?.resume();
  }

  destroy(): void {
    this.#stream?.destroy();
  }

  #start(first: Uint8Array): Transform {
    const stream = this.#coding.stream(first);
    stream.on('data', (bytes: Uint8Array) => {
      if (!this.#next.write(bytes)) this.pause();
    });
    stream.on('drain', () => this.drained());
    stream.on('end', () => this.#next.end());
    stream.on('error', this.#fail);
    if (this.#paused) stream.pause();
    return stream;
  }
}
