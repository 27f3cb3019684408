import type { ApiError } from '../core/errors.js';
import type { Head, HeadersView } from '../core/wire.js';
import type { TransportHandle, TransportSink } from './contract.js';

/**
 * The sink's side of an exchange: what may be delivered when.
 *
 * It holds back what arrives while paused or before `open` has returned, and says nothing once the exchange is over.
 */
export abstract class Delivery implements TransportHandle {
  waiting = false;
  #sink: TransportSink | undefined;
  #opening = true;
  #paused = false;
  #sent = false;
  #untold = false;
  #loaded = 0;
  #total: number | undefined;
  #held: Uint8Array[] | undefined;
  #failure: ApiError | undefined;
  #ended = false;
  #trailers: HeadersView | undefined;
  #scheduled = false;

  constructor(sink: TransportSink) {
    this.#sink = sink;
  }

  /** Lets go of everything below: the connection, the decoders, the upload. */
  protected abstract release(): void;
  /** The consumer takes more: whatever was stopped by a `false` may go on. */
  protected abstract flow(): void;
  /** The consumer takes nothing for now. */
  protected abstract stop(): void;

  /** Whether anyone still listens. */
  get live(): boolean {
    return this.#sink !== undefined;
  }

  /** Whether more may come. */
  get flowing(): boolean {
    return this.#sink !== undefined && !this.#paused && this.#held === undefined;
  }

  /** `open` is about to return: from now on the sink may be called. */
  opened(): void {
    this.#opening = false;
    if (this.#untold || this.#failure) this.#later();
  }

  pause(): void {
    if (this.#paused || !this.#sink) return;
    this.#paused = true;
    this.stop();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#later();
  }

  abort(): void {
    if (!this.#sink) return;
    this.#sink = undefined;
    this.#held = undefined;
    this.release();
  }

  protected assigned(): void {
    this.waiting = false;
    this.#sink?.assigned();
  }

  protected sent(): void {
    if (this.#sent) return;
    this.#sent = true;
    if (this.#opening) this.#untold = true;
    else this.#sink?.sent();
  }

  protected uploaded(loaded: number, total: number | undefined): void {
    this.#loaded = loaded;
    this.#total = total;
    if (!this.#opening) this.#sink?.uploaded(loaded, total);
  }

  protected head(head: Head): void {
    this.#sink?.head(head);
  }

  protected chunk(bytes: Uint8Array): void {
    if (this.flowing) this.#sink?.chunk(bytes);
    else if (this.#sink) (this.#held ??= []).push(bytes);
  }

  protected end(trailers: HeadersView | undefined): void {
    this.#ended = true;
    this.#trailers = trailers;
    if (this.flowing) this.#finish();
  }

  /** Ends the exchange; what is held back is dropped, because nothing may follow a failure. */
  protected fail(error: ApiError): void {
    if (this.#opening) {
      this.#failure ??= error;
      return;
    }
    const sink = this.#sink;
    this.#sink = undefined;
    this.#held = undefined;
    this.release();
    sink?.fail(error);
  }

  #finish(): void {
    const sink = this.#sink;
    this.#sink = undefined;
    sink?.end(this.#trailers);
  }

  /** In a microtask of its own: resuming a parser from inside another one's callback breaks undici. */
  #later(): void {
    if (this.#scheduled || !this.#sink) return;
    this.#scheduled = true;
    queueMicrotask(() => this.#run());
  }

  #run(): void {
    this.#scheduled = false;
    if (this.#untold) this.#tell();
    if (this.#failure) return this.fail(this.#failure);
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const [i, bytes] of held.entries()) {
      if (this.#paused && this.#sink) {
        this.#held = held.slice(i);
        return;
      }
      this.#sink?.chunk(bytes);
    }
    if (!this.flowing) return;
    if (this.#ended) this.#finish();
    else this.flow();
  }

  /** What happened before `open` returned. */
  #tell(): void {
    this.#untold = false;
    this.#sink?.sent();
    if (this.#loaded > 0) this.#sink?.uploaded(this.#loaded, this.#total);
  }
}
