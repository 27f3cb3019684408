import { ConfigError } from '../core/errors.js';
import type { BlobLike, ByteStream } from '../transport/contract.js';

/** The next bytes to send. */
export interface Piece {
  readonly body: Uint8Array | BlobLike;
  readonly bytes: number;
  /** There are no bytes behind these. */
  readonly isLast: boolean;
}

/** Bytes that can be read in pieces. */
export interface ByteSource {
  /** Whether any piece can be read again; otherwise only the last one. */
  readonly canSeek: boolean;
  /** Bytes in all, where that is known. */
  size(): Promise<number | undefined>;
  /** @throws ConfigError when these bytes are no longer there */
  read(at: number, most: number): Promise<Piece>;
  /** Nothing more is read for now. */
  pause(): void;
  /** Nothing more is read at all. */
  close(): void;
}

type Make = (offset: number) => ByteStream | PromiseLike<ByteStream>;
type Step = { readonly done?: boolean | undefined; readonly value?: Uint8Array | undefined };
interface Reader {
  read(): Promise<Step>;
  cancel(): Promise<unknown>;
}

/** Web streams of some platforms cannot be iterated, but all have a reader. */
function iteratorOf(stream: ByteStream): AsyncIterator<Uint8Array> {
  if (Symbol.asyncIterator in stream) return stream[Symbol.asyncIterator]();
  const reader = (stream as unknown as { getReader(): Reader }).getReader();
  const leave = async (): Promise<Step> => {
    await reader.cancel();
    return { done: true };
  };
  return { next: () => reader.read(), return: leave } as AsyncIterator<Uint8Array>;
}

/** What a stream says to being let go is nobody's business any more. */
function letGo(stream: AsyncIterator<Uint8Array>): void {
  Promise.resolve(stream.return?.()).catch(() => undefined);
}

/** A source that is a stream: keeps what has been read and is not known to have arrived. */
export class StreamSource implements ByteSource {
  readonly canSeek: boolean;
  readonly #make: Make;
  readonly #size: number | undefined;
  #stream: AsyncIterator<Uint8Array> | undefined;
  /** The next piece of the stream, while it is waited for: also by a subscription that has left meanwhile. */
  #pulling: Promise<void> | undefined;
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #base = 0;
  #ended = false;
  /** Counts the streams, so that a late piece of an earlier one is not taken. */
  #epoch = 0;

  constructor(make: Make, canSeek: boolean, size: number | undefined) {
    this.#make = make;
    this.canSeek = canSeek;
    this.#size = size;
  }

  async size(): Promise<number | undefined> {
    return this.#size;
  }

  async read(at: number, most: number): Promise<Piece> {
    // One that cannot seek is read up to there.
    while (!this.canSeek && this.#base + this.#heldBytes < at && !this.#ended) {
      this.#drop(this.#base + this.#heldBytes);
      await (this.#pulling ??= this.#pull());
    }
    this.#drop(at);
    // One byte more than wanted tells whether this is the last piece.
    while (this.#heldBytes <= most && !this.#ended) await (this.#pulling ??= this.#pull());
    const bytes = Math.min(most, this.#heldBytes);
    return { body: this.#copy(bytes), bytes, isLast: this.#ended && bytes === this.#heldBytes };
  }

  pause(): void {
    if (!this.canSeek) return;
    this.#leave();
    this.#restart(0);
  }

  close(): void {
    this.#leave();
    this.#held = [];
  }

  #leave(): void {
    const stream = this.#stream;
    this.#epoch++;
    this.#stream = this.#pulling = undefined;
    if (stream) letGo(stream);
  }

  #restart(at: number): void {
    this.#held = [];
    this.#heldBytes = 0;
    this.#base = at;
    this.#ended = false;
  }

  /** What comes before `at` has arrived. */
  #drop(at: number): void {
    if (at < this.#base || at > this.#base + this.#heldBytes) {
      if (!this.canSeek) {
        const what = `the server asks for the bytes from ${at}, and the source was read up to ${this.#base}`;
        throw new ConfigError('upload.source', `${what} and cannot go back: pass a function (offset) => stream`);
      }
      this.#leave();
      return this.#restart(at);
    }
    for (let skip = at - this.#base; skip > 0;) {
      const first = this.#held[0]!;
      const some = Math.min(skip, first.length);
      if (some === first.length) this.#held.shift();
      else this.#held[0] = first.subarray(some);
      skip -= some;
    }
    this.#heldBytes -= at - this.#base;
    this.#base = at;
  }

  async #pull(): Promise<void> {
    const epoch = this.#epoch;
    try {
      if (!this.#stream) {
        const stream = iteratorOf(await this.#make(this.#base));
        if (epoch !== this.#epoch) return letGo(stream);
        this.#stream = stream;
      }
      const { done, value } = await this.#stream.next();
      if (epoch !== this.#epoch) return;
      if (done) this.#ended = true;
      else if (value.length > 0) this.#hold(value);
    } catch (error) {
      // One that cannot be made anew stays broken: asked again, it would only say that it has ended.
      if (this.canSeek && epoch === this.#epoch) this.pause();
      throw error;
    }
    this.#pulling = undefined;
  }

  #hold(bytes: Uint8Array): void {
    this.#held.push(bytes);
    this.#heldBytes += bytes.length;
  }

  #copy(bytes: number): Uint8Array {
    const [first] = this.#held;
    if (first && first.length >= bytes) return first.subarray(0, bytes);
    const body = new Uint8Array(bytes);
    let at = 0;
    for (const piece of this.#held) {
      if (at === bytes) break;
      const some = piece.subarray(0, bytes - at);
      body.set(some, at);
      at += some.length;
    }
    return body;
  }
}
