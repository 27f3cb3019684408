import { Buffer } from 'node:buffer';

import { DecodeError } from '../core/answer-errors.js';
import type { ApiError } from '../core/errors.js';
import { type Coding, codingsOf } from './codings.js';
import { Layer } from './decompress-layer.js';

/** Bodies up to this size wait until they are whole, and are decoded in one go: 16 us of CPU, where a stream costs 130. */
const WHOLE_BYTES = 65_536;
/** What comes out of one go at most; a body that is larger is streamed, so that the limits above can see it grow. */
const WHOLE_OUTPUT_BYTES = 1_048_576;

/** Who gets the decoded bytes. */
export interface DecodingTarget {
  decoded(bytes: Uint8Array): void;
  decodedAll(): void;
  decodedBadly(error: ApiError): void;
  /** A `write` said false: more is welcome now. */
  drained(): void;
}

/** What of the request matters here. */
export interface DecodingOptions {
  readonly stream: boolean;
  readonly limits: { readonly encodings: number };
}

/** Undoes the content codings of one body. */
export class Decoding {
  readonly #codings: readonly Coding[];
  readonly #target: DecodingTarget;
  #kept: Uint8Array[] | undefined;
  #keptBytes = 0;
  #layers: readonly Layer[] | undefined;
  #over = false;
  #paused = false;

  constructor(codings: readonly Coding[], whole: boolean, target: DecodingTarget) {
    this.#codings = codings;
    this.#target = target;
    if (whole) this.#kept = [];
  }

  /**
   * @param field - the `content-encoding` field
   * @returns `undefined` when the body is to be taken as it is
   * @throws LimitError when too many codings lie on one another
   */
  static of(field: string, options: DecodingOptions, target: DecodingTarget): Decoding | undefined {
    const codings = codingsOf(field, options.limits.encodings);
    return codings && new Decoding(codings, !options.stream, target);
  }

  /** @returns false when the sender is to wait for `drained` */
  write(bytes: Uint8Array): boolean {
    if (this.#over) return true;
    if (!this.#kept) return this.#outermost().write(bytes);
    this.#kept.push(bytes);
    this.#keptBytes += bytes.length;
    return this.#keptBytes <= WHOLE_BYTES || this.#stream(this.#kept);
  }

  /** The body is complete. */
  end(): void {
    if (this.#over) return;
    const kept = this.#kept;
    if (kept && this.#decodeWhole(kept)) return;
    if (kept) this.#stream(kept);
    this.#outermost().end();
  }

  pause(): void {
    this.#paused = true;
    this.#layers?.at(-1)!.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#layers?.at(-1)!.resume();
  }

  destroy(): void {
    this.#over = true;
    this.#kept = undefined;
    for (const layer of this.#layers ?? []) layer.destroy();
  }

  /** @returns whether that was it; otherwise the output is too large for one go */
  #decodeWhole(kept: readonly Uint8Array[]): boolean {
    let bytes: Uint8Array = kept.length === 1 ? kept[0]! : Buffer.concat(kept);
    for (const coding of bytes.length > 0 ? this.#codings : []) {
      try {
        bytes = coding.all(bytes, WHOLE_OUTPUT_BYTES);
      } catch (error) {
        if (error instanceof RangeError) return false;
        this.#fail(coding, error);
        return true;
      }
    }
    this.#over = true;
    if (bytes.length > 0) this.#target.decoded(bytes);
    this.#target.decodedAll();
    return true;
  }

  #stream(kept: readonly Uint8Array[]): boolean {
    this.#kept = undefined;
    const first = this.#outermost();
    let welcome = true;
    for (const bytes of kept) welcome = first.write(bytes);
    return welcome;
  }

  #outermost(): Layer {
    if (!this.#layers) {
      const layers: Layer[] = [];
      for (let i = this.#codings.length - 1; i >= 0; i--) {
        const coding = this.#codings[i]!;
        const next = layers[0];
        const fail = (error: unknown) => this.#fail(coding, error);
        const end = () => this.#end();
        layers.unshift(new Layer(coding, next ?? { write: (bytes) => this.#pass(bytes), end }, fail));
      }
      for (const [i, layer] of layers.entries()) {
        layer.drained = i === 0 ? () => this.#target.drained() : () => layers[i - 1]!.resume();
      }
      if (this.#paused) layers.at(-1)!.pause();
      this.#layers = layers;
    }
    return this.#layers[0]!;
  }

  #pass(bytes: Uint8Array): boolean {
    if (!this.#over) this.#target.decoded(bytes);
    return true;
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#target.decodedAll();
  }

  #fail(coding: Coding, cause: unknown): void {
    if (this.#over) return;
    this.destroy();
    const why = cause instanceof Error ? cause.message : 'no reason given';
    this.#target.decodedBadly(new DecodeError(`the body is not whole and valid ${coding.name}: ${why}`, 0, { cause }));
  }
}
