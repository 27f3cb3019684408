import { Observable } from 'rxjs';

import type { FlowSubscriber, Publisher } from '../core/demand.js';
import { Flow, FLOW } from '../core/flow.js';
import { EventReceiver } from './event-receiver.js';
import type { Plan } from './plan.js';
import { produceCall } from './produce-call.js';
import { ResponseReceiver } from './response-receiver.js';
import type { ApiEvent, ApiResponse } from './answer-types.js';
import { ValueReceiver } from './value-receiver.js';

/** Starts one exchange per subscription. */
class CallPublisher implements Publisher<unknown> {
  readonly plan: Plan | undefined;
  /** Why there is no plan: an error of the stream, like every other. */
  readonly error: unknown;

  constructor(plan: Plan | undefined, error: unknown) {
    this.plan = plan;
    this.error = error;
  }

  subscribe(subscriber: FlowSubscriber<unknown>): void {
    if (this.plan) return new ValueReceiver(subscriber).start(this.plan);
    let cancelled = false;
    subscriber.onSubscribe({ request: () => {}, cancel: () => (cancelled = true) });
    if (!cancelled) subscriber.onError(this.error);
  }
}

/**
 * One API call: cold, so that each subscription is a new exchange, and unsubscribing aborts it down to the socket.
 *
 * - next: the decoded body, or each value of a many-value body, no faster than they are asked for.
 * - error: an ApiError, or the caller's own error as the same object.
 * - complete: when the body is complete.
 * - unsubscribe: aborts the exchange, cuts a wait between attempts, and starts no further attempt.
 */
export class Call<T> extends Flow<T> {
  /** @internal */
  constructor(plan: Plan | undefined, error?: unknown) {
    super(new CallPublisher(plan, error) as Publisher<T>);
  }

  /** The whole answer: status, headers, final URL, timings, attempts and body. An exchange of its own. */
  response(): Observable<ApiResponse<T>> {
    return new Observable((subscriber) => {
      const plan = this.#plan();
      const gathered = plan.decoder.many ? { ...plan, gather: true } : plan;
      const producer = produceCall(gathered, new ResponseReceiver(plan, subscriber as never));
      subscriber.add(() => producer.cancel());
      producer.start();
    });
  }

  /** What happens on the way, with the values among it. An exchange of its own. */
  events(): Observable<ApiEvent<T>> {
    return new Observable((subscriber) => {
      const plan = this.#plan();
      const producer = produceCall(plan, new EventReceiver(plan, subscriber as never, true, () => !subscriber.closed));
      subscriber.add(() => producer.cancel());
      producer.start();
    });
  }

  #plan(): Plan {
    const { plan, error } = this[FLOW] as CallPublisher;
    if (plan) return plan;
    throw error;
  }
}
