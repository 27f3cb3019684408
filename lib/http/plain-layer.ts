import { Subscriber } from 'rxjs';

import type { Demand, FlowSubscriber } from '../core/demand.js';

/** Subscribes to a layer that is a plain Observable, for one who takes all that comes: nothing waits here. */
export class PlainLayer<T> extends Subscriber<T> implements Demand {
  readonly #to: FlowSubscriber<T>;

  constructor(to: FlowSubscriber<T>) {
    super();
    this.#to = to;
    to.onSubscribe(this);
  }

  request(): void {}

  cancel(): void {
    this.unsubscribe();
  }

  protected override _next(value: T): void {
    this.#to.onNext(value);
  }

  protected override _error(error: unknown): void {
    this.#to.onError(error);
  }

  protected override _complete(): void {
    this.#to.onComplete();
  }
}
