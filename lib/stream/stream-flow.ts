import { Observable, Subscriber } from 'rxjs';

import type { FlowSubscriber } from '../core/demand.js';
import { Flow } from '../core/flow.js';
import type { ConnectionEvent, StreamEvent } from './stream-events.js';

/**
 * Starts one run of a long-lived source.
 *
 * @param to - gets the values, as often as it asks for one
 * @param tell - gets what happens to the connection; `undefined` where nobody looks, and then no event need be made
 */
export type StartStream<T, C> = (
  to: FlowSubscriber<T>,
  tell: ((event: ConnectionEvent<C>) => void) | undefined,
) => void;

/** Makes events of values. Its end, either way, is that of the stream. */
class ValueTeller<T, C> extends Subscriber<T> {
  readonly #to: Subscriber<StreamEvent<T, C>>;

  constructor(to: Subscriber<StreamEvent<T, C>>) {
    super(to);
    this.#to = to;
  }

  protected override _next(value: T): void {
    this.#to.next({ type: 'value', value });
  }
}

/**
 * A long-lived source: cold, so that each subscription is a connection of its own, and unsubscribing closes it.
 *
 * - next: each value, no faster than it is asked for where the connection can be held back.
 * - error: an ApiError when the stream cannot go on, or the caller's own error as the same object.
 * - complete: when the stream came to its declared end.
 * - unsubscribe: closes the connection down to the socket, cuts a wait, and starts no further attempt.
 */
export class StreamFlow<T, C = string> extends Flow<T> {
  readonly #start: StartStream<T, C>;

  /** @internal */
  constructor(start: StartStream<T, C>) {
    super({ subscribe: (to) => start(to, undefined) });
    this.#start = start;
  }

  /** What happens to the connection, with the values among it. A subscription of its own. */
  events(): Observable<StreamEvent<T, C>> {
    return new Observable((subscriber) => {
      const values = new Flow<T>({ subscribe: (to) => this.#start(to, (event) => subscriber.next(event)) });
      values.subscribe(new ValueTeller(subscriber));
    });
  }
}
