import { badRequest, type Demand, type FlowSubscriber } from '../core/demand.js';
import { reportUnhandled } from '../core/outlet.js';
import type { Plan } from './plan.js';
import { produceCall } from './produce-call.js';
import type { Producer, Receiver } from './receiver.js';

/** One subscription to a call's values, with the subscriber's demand. */
export class ValueReceiver implements Receiver, Demand {
  readonly events = false;
  readonly uploads = false;
  #to: FlowSubscriber<unknown> | undefined;
  #producer: Producer | undefined;
  #requested = 0;

  constructor(to: FlowSubscriber<unknown>) {
    this.#to = to;
  }

  start(plan: Plan): void {
    this.#to!.onSubscribe(this);
    if (!this.#to) return;
    this.#producer = produceCall(plan, this);
    this.#producer.start();
  }

  request(n: number): void {
    if (!this.#to) return;
    const bad = badRequest(n);
    if (bad) {
      this.#producer?.cancel();
      return this.error(bad);
    }
    this.#requested += n;
    this.#producer?.resume();
  }

  cancel(): void {
    this.#to = undefined;
    this.#producer?.cancel();
  }

  progress(): void {}

  uploaded(): void {}

  head(): void {}

  wanted(): boolean {
    return this.#requested > 0 && this.#to !== undefined;
  }

  value(value: unknown): void {
    this.#requested--;
    try {
      this.#to?.onNext(value);
    } catch (error) {
      // A subscriber must not throw: it is cancelled (Reactive Streams rule 2.13).
      this.cancel();
      reportUnhandled(error);
    }
  }

  complete(): void {
    const to = this.#to;
    this.#to = undefined;
    to?.onComplete();
  }

  error(error: unknown): void {
    const to = this.#to;
    this.#to = undefined;
    to?.onError(error);
  }
}
