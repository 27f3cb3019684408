import type { Observable } from 'rxjs';

import { LimitError } from './answer-errors.js';
import type { FlowSubscriber } from './demand.js';
import { ConfigError } from './errors.js';
import { Flow } from './flow.js';
import { readOptions } from './options.js';
import { checkedOverflow, makeRoom, type Overflow } from './overflow.js';
import { Waiting } from './waiting.js';

/** Settings for {@link fromObservable}; both are mandatory, since only the program knows what may be lost. */
export interface FromObservableOptions {
  /** Values that may wait until they are asked for: a whole number from 1. */
  readonly capacity: number;
  /**
   * What happens when one more arrives.
   *
   * - `error`: what waits is still sent, then the Flow fails with a LimitError;
   * - `drop-oldest`: the value that waited longest is lost;
   * - `drop-newest`: the arriving value is lost;
   * - `latest`: all that waits is lost, and the arriving value alone waits.
   */
  readonly overflow: Overflow;
}

class BoundedWaiting<T> extends Waiting<T> {
  readonly #capacity: number;
  readonly #overflow: Overflow;

  constructor(to: FlowSubscriber<T>, { capacity, overflow }: FromObservableOptions) {
    super(to);
    this.#capacity = capacity;
    this.#overflow = overflow;
  }

  override push(value: T): void {
    // Values that were asked for do not count: they wait only while another one is being sent.
    if (this.waiting.length - this.requested < this.#capacity || makeRoom(this.waiting, this.#overflow)) {
      return super.push(value);
    }
    if (this.#overflow === 'error') this.#overrun();
  }

  #overrun(): void {
    this.leaveSource();
    const message = 'fromObservable: the source sends faster than it is asked';
    this.fail(new LimitError('capacity', this.#capacity, message));
  }
}

/**
 * Brings a plain Observable into a Flow. It cannot be held back, so the program must say how many values may wait and
 * what is lost when more come.
 *
 * - next: passed on when asked for; until then it waits, or overflows.
 * - error: passed on, the same object, after what waits; a LimitError where `overflow` is `error`.
 * - complete: passed on after what waits.
 * - unsubscribe: unsubscribes from the Observable and drops what waits.
 *
 * @param source - subscribed to once per subscription, when it begins
 * @param options - see {@link FromObservableOptions}
 * @returns a Flow of the source's values
 * @throws ConfigError when an option is missing or wrong
 * @see Project Reactor, "onBackpressureBuffer", "onBackpressureDrop" and "onBackpressureLatest"
 *
 * @example
 * ```ts
 * import { fromObservable } from 'millrace';
 * import { range } from 'rxjs';
 *
 * const received: number[] = [];
 * for await (const n of fromObservable(range(1, 1_000), { capacity: 2, overflow: 'drop-oldest' })) received.push(n);
 * received.slice(-2); // => [999, 1000]
 * ```
 */
export function fromObservable<T>(source: Observable<T>, options: FromObservableOptions): Flow<T> {
  const { capacity, overflow } = readOptions(options, ['capacity', 'overflow'], 'fromObservable');
  if (!(Number.isInteger(capacity) && (capacity as number) > 0)) {
    const fix = 'say how many values may wait, a whole number from 1';
    throw new ConfigError('fromObservable.capacity', `${fix}; it is ${String(capacity)}`);
  }
  const checked = { capacity: capacity as number, overflow: checkedOverflow(overflow, 'fromObservable.overflow') };
  return new Flow({ subscribe: (to) => new BoundedWaiting(to, checked).startWith(source) });
}
