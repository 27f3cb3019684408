import type { Observable } from 'rxjs';

import type { FlowSubscriber } from './demand.js';
import { Flow } from './flow.js';
import { readOptions } from './options.js';
import { checkedRoom, type Overflow, overrun, pushOver, type Room } from './overflow.js';
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
  readonly #room: Room;

  constructor(to: FlowSubscriber<T>, room: Room) {
    super(to);
    this.#room = room;
  }

  override push(value: T): void {
    const { capacity, overflow } = this.#room;
    // Values that were asked for do not count: they wait only while another one is being sent.
    if (this.held - this.requested < capacity) return super.push(value);
    if (pushOver(this.waiting, value, overflow)) return this.drain();
    this.leaveSource();
    this.fail(overrun(this.#room, 'fromObservable'));
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
  const room = checkedRoom(capacity, overflow, 'fromObservable');
  return new Flow({ subscribe: (to) => new BoundedWaiting(to, room).startWith(source) });
}
