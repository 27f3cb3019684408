import type { Decoder } from '../codec/decoder.js';
import type { Demand, FlowSubscriber, Publisher } from '../core/demand.js';
import { ConfigError } from '../core/errors.js';
import { Outlet } from '../core/outlet.js';
import { limitAround, type TimeLimit, WITHIN } from '../core/policy/time-limit.js';
import type { Head, HeadersView, Limits } from '../core/wire.js';
import { type BodyOwner, BodyReader } from '../http/body-reader.js';

const NO_FIELDS: HeadersView = {
  get: () => null,
  has: () => false,
  getSetCookie: () => [],
  [Symbol.iterator]: () => [][Symbol.iterator](),
};
/** Decoders look at the head of an answer, and a file has none. */
const NO_HEAD: Head = { status: 200, statusText: '', headers: NO_FIELDS };

/** Sends what a decoder makes of chunks, and asks for a chunk when all those before it have been used up. */
export class DecodeRun<T> extends Outlet<T> implements FlowSubscriber<Uint8Array>, BodyOwner {
  readonly [WITHIN]: TimeLimit | undefined;
  #reader: BodyReader | undefined;
  #source: Demand | undefined;
  /** Nothing decoded waits here. */
  #isDry = true;
  /** A chunk has been asked for and has not come. */
  #isDue = false;
  /** Within the reader, and not because a schema has settled: `idle` follows. */
  #isReading = false;
  #failure: { readonly error: unknown } | undefined;

  constructor(to: FlowSubscriber<T>, decoder: Decoder<T>, limits: Limits) {
    super(to);
    this[WITHIN] = limitAround(to);
    try {
      this.#reader = new BodyReader(decoder, NO_HEAD, limits, this);
    } catch (error) {
      this.fail(error);
    }
  }

  startWith(source: Publisher<Uint8Array>): void {
    this.start();
    if (this.isOpen) source.subscribe(this);
  }

  onSubscribe(demand: Demand): void {
    if (!this.isOpen || this.#source) return demand.cancel();
    this.#source = demand;
    this.drain();
  }

  onNext(chunk: Uint8Array): void {
    if (!this.isOpen) return;
    this.#isDue = this.#isDry = false;
    if (Object.prototype.toString.call(chunk) !== '[object Uint8Array]') {
      return this.failed(new ConfigError('decode', 'reads bytes: the source must send Uint8Arrays, such as Buffers'));
    }
    this.#isReading = true;
    this.#reader!.push(chunk);
    this.#isReading = false;
    this.drain();
  }

  onComplete(): void {
    this.#source = undefined;
    this.#reader?.end();
  }

  /** What was decoded before the source broke is still owed. */
  onError(error: unknown): void {
    this.#source = undefined;
    if (this.#isDry) this.fail(error);
    else this.#failure = { error };
  }

  wanted(): boolean {
    return this.isOpen && this.requested > 0;
  }

  /** A schema that took its time gives its value outside of {@link pull}, and then `pass` sends it. */
  value(value: unknown): void {
    if (!this.pass(value as T)) this.emit(value as T);
  }

  flow(isOpen: boolean): void {
    this.#isDry = isOpen;
    if (!isOpen) return;
    if (this.#failure) this.fail(this.#failure.error);
    // Later, since the reader takes no chunk from within.
    else if (!this.#isReading) void Promise.resolve().then(() => this.drain());
  }

  done(): void {
    this.complete();
  }

  failed(error: unknown): void {
    this.fail(error);
  }

  /** The reader sends as many as are asked for. */
  protected override pull(): boolean {
    this.#isReading = true;
    this.#reader?.resume();
    this.#isReading = false;
    return false;
  }

  protected override idle(): void {
    if (!this.#source || !this.#isDry || this.#isDue || !this.wanted()) return;
    this.#isDue = true;
    this.#source.request(1);
  }

  protected override release(): void {
    this.#source?.cancel();
  }
}
