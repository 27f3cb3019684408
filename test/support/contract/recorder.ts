import type { ApiError } from '../../../lib/core/errors.js';
import type { Head, HeadersView } from '../../../lib/core/wire.js';
import type { TransportSink } from '../../../lib/transport/contract.js';
import { within } from './check.js';

export type EventName = 'assigned' | 'sent' | 'uploaded' | 'head' | 'chunk' | 'end' | 'fail';

/** A sink that writes down what it gets, and every breach of the contract it sees. */
export class Recorder implements TransportSink {
  readonly events: EventName[] = [];
  /** Breaches of the contract, empty at the end of every case. */
  readonly faults: string[] = [];
  readonly chunks: Uint8Array[] = [];
  readonly uploads: (readonly [loaded: number, total: number | undefined])[] = [];
  answer: Head | undefined;
  trailers: HeadersView | undefined;
  error: ApiError | undefined;
  /** `chunk` and `end` are not allowed between pause and resume. */
  paused = false;
  readonly #on: (event: EventName) => void;
  readonly #settled: Promise<void>;
  #settle = (): void => {};
  #opened = false;
  #aborted = false;

  constructor(on: (event: EventName) => void) {
    this.#on = on;
    this.#settled = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  /** Resolves when `end` or `fail` came; rejects when that takes longer than 8 s. */
  get settled(): Promise<void> {
    return within(this.#settled, 8_000, () => `end or fail after [${this.events.join(' ')}]`);
  }

  get over(): boolean {
    return this.events.includes('end') || this.events.includes('fail');
  }

  get bytes(): number {
    return this.chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  }

  /** The body as text; bytes that are no UTF-8 become U+FFFD. */
  get text(): string {
    const decoder = new TextDecoder();
    return this.chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join('') + decoder.decode();
  }

  /** `open` has returned. */
  opened(): void {
    this.#opened = true;
  }

  /** `abort` is being called. */
  aborted(): void {
    this.#aborted = true;
  }

  assigned(): void {
    this.#note('assigned', this.events.length === 0, 'assigned comes first and once');
  }

  sent(): void {
    this.#note('sent', !this.events.includes('sent'), 'sent comes once');
  }

  uploaded(loaded: number, total?: number): void {
    const before = this.uploads.at(-1)?.[0] ?? 0;
    this.uploads.push([loaded, total]);
    this.#note('uploaded', loaded >= before && loaded <= (total ?? Infinity), 'uploaded only grows, up to the total');
  }

  head(head: Head): void {
    const first = !this.events.includes('head');
    this.answer = head;
    this.#note('head', first && head.status >= 200, 'the final head comes once');
  }

  chunk(bytes: Uint8Array): void {
    const sound = bytes instanceof Uint8Array && bytes.length > 0;
    this.chunks.push(bytes);
    this.#note('chunk', sound && this.events.includes('head') && !this.paused, 'chunks follow the head, unless paused');
  }

  end(trailers?: HeadersView): void {
    this.trailers = trailers;
    this.#note('end', this.events.includes('head') && !this.paused, 'end follows the head, unless paused');
    this.#settle();
  }

  fail(error: ApiError): void {
    this.error = error;
    this.#note('fail', error instanceof Error, 'fail brings an error');
    this.#settle();
  }

  #note(event: EventName, allowed: boolean, rule: string): void {
    const past = this.events.join(' ');
    if (!allowed) this.faults.push(`${event} after [${past}] although ${rule}`);
    if (!this.#opened) this.faults.push(`${event} before open returned`);
    if (this.#aborted) this.faults.push(`${event} after abort`);
    if (this.over) this.faults.push(`${event} after the exchange was over [${past}]`);
    this.events.push(event);
    this.#on(event);
  }
}
