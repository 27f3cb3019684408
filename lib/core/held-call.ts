import type { Demand, FlowSubscriber } from './demand.js';
import { subscribeInner } from './inner.js';
import { LazyContext, type Project } from './project.js';
import { Ring } from './ring.js';

/** Values asked for ahead, and the level at which more are asked for: 25 % low tide. */
const WINDOW = 16;
const LOW_TIDE = 4;

/** Who runs a {@link HeldCall}. */
export interface CallOwner<R> {
  callNext(value: R): void;
  callError(error: unknown): void;
  callComplete(): void;
}

/** A call whose results can be held back, while it is not certain that they are wanted. */
export class HeldCall<R> implements FlowSubscriber<R> {
  readonly #context = new LazyContext();
  #owner: CallOwner<R> | undefined;
  #demand: Demand | undefined;
  #asked = 0;
  #holding = false;
  #held: Ring<R> | undefined;
  #end: 'complete' | 'failed' | undefined;
  #error: unknown;

  constructor(owner: CallOwner<R>) {
    this.#owner = owner;
  }

  start<T>(project: Project<T, R>, value: T): void {
    try {
      // Also subscribed when the project has cancelled this call: a promise's rejection must not count as unhandled.
      subscribeInner(project(value, this.#context), this);
    } catch (error) {
      this.onError(error);
    }
  }

  /** From now on, results wait. */
  hold(): void {
    this.#holding = true;
  }

  /** Results pass again, those that waited first. */
  release(): void {
    this.#holding = false;
    this.#pass();
  }

  cancel(): void {
    this.#owner = undefined;
    this.#held?.clear();
    this.#context.abort();
    this.#demand?.cancel();
  }

  onSubscribe(demand: Demand): void {
    if (!this.#owner || this.#demand) return demand.cancel();
    this.#demand = demand;
    this.#replenish();
  }

  onNext(value: R): void {
    if (!this.#owner) return;
    (this.#held ??= new Ring<R>(1)).push(value);
    this.#pass();
  }

  onError(error: unknown): void {
    this.#end = 'failed';
    this.#error = error;
    this.#pass();
  }

  onComplete(): void {
    this.#end = 'complete';
    this.#pass();
  }

  #pass(): void {
    while (this.#held?.length && !this.#holding && this.#owner) {
      this.#asked--;
      this.#owner.callNext(this.#held.shift() as R);
    }
    if (this.#holding || !this.#owner) return;
    if (!this.#end) return this.#replenish();
    const owner = this.#owner;
    this.#owner = undefined;
    if (this.#end === 'failed') owner.callError(this.#error);
    else owner.callComplete();
  }

  #replenish(): void {
    // What waits counts as asked for until it has left.
    if (this.#asked > WINDOW - LOW_TIDE) return;
    const missing = WINDOW - this.#asked;
    this.#asked = WINDOW;
    this.#demand?.request(missing);
  }
}
