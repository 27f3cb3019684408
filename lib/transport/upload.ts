import type { ByteStream } from './contract.js';

type Step = IteratorResult<Uint8Array, undefined>;

/** No more leaves at once, so that the progress shows: in Node a Blob of bytes streams as one piece, however long. */
export const PIECE_BYTES = 65_536;

/** A body that leaves piece by piece, as the connection takes it. */
export class Upload implements AsyncIterableIterator<Uint8Array, undefined> {
  /** Bytes in all, where they are known beforehand. */
  readonly bytes: number | undefined;
  /** Set when the source failed: its own error, as the same object. */
  failure: { readonly error: unknown } | undefined;
  readonly #open: () => ByteStream;
  #source: AsyncIterator<Uint8Array> | undefined;
  #cut: ((step: Step) => void) | undefined;
  /** What is left of a piece that was too long. */
  #rest: Uint8Array | undefined;
  #stopped = false;

  constructor(open: () => ByteStream, bytes: number | undefined) {
    this.#open = open;
    this.bytes = bytes;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Step> {
    return new Promise<Step>((resolve, reject) => {
      if (this.#stopped) return resolve({ done: true, value: undefined });
      this.#cut = resolve;
      this.#pull().then(resolve, (error: unknown) => {
        this.failure ??= { error };
        reject(error);
      });
    });
  }

  return(): Promise<Step> {
    this.stop();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** Lets go of the source, also while it is being asked for its next piece. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#cut?.({ done: true, value: undefined });
    const source = this.#source;
    this.#source = undefined;
    // What the source says to being let go is nobody's business any more.
    Promise.resolve(source?.return?.()).catch(() => {});
  }

  async #pull(): Promise<Step> {
    if (this.#rest) return this.#piece(this.#rest);
    this.#source ??= this.#open()[Symbol.asyncIterator]();
    const { done, value } = await this.#source.next();
    if (!done) return this.#piece(value);
    this.#stopped = true;
    return { done: true, value: undefined };
  }

  #piece(bytes: Uint8Array): Step {
    const isLong = bytes.byteLength > PIECE_BYTES;
    this.#rest = isLong ? bytes.subarray(PIECE_BYTES) : undefined;
    return { done: false, value: isLong ? bytes.subarray(0, PIECE_BYTES) : bytes };
  }
}
