import { Observable, type Subscriber } from 'rxjs';

import type { FlowSubscriber, Publisher } from '../core/demand.js';
import { Flow } from '../core/flow.js';
import { EventReceiver } from './event-receiver.js';
import type { Plan } from './plan.js';
import { produceCall } from './produce-call.js';
import type { Receiver } from './receiver.js';
import { ResponseReceiver } from './response-receiver.js';
import type { ApiEvent, ApiResponse } from './answer-types.js';
import { ValueReceiver } from './value-receiver.js';

/** Under this symbol a call keeps its plan, for what goes on from its answer. */
export const OUTCOME: unique symbol = Symbol.for('millrace.call/1');

/** A call's plan, or why there is none: that is an error of the stream, like every other. */
export type Outcome = { readonly plan: Plan } | { readonly error: unknown };

/** Starts one exchange per subscription. */
class CallPublisher implements Publisher<unknown> {
  readonly outcome: Outcome;

  constructor(outcome: Outcome) {
    this.outcome = outcome;
  }

  subscribe(subscriber: FlowSubscriber<unknown>): void {
    if ('plan' in this.outcome) return new ValueReceiver(subscriber).start(this.outcome.plan);
    let cancelled = false;
    subscriber.onSubscribe({ request: () => {}, cancel: () => (cancelled = true) });
    if (!cancelled) subscriber.onError(this.outcome.error);
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
  readonly [OUTCOME]: Outcome;

  /** @internal */
  constructor(outcome: Outcome) {
    super(new CallPublisher(outcome) as Publisher<T>);
    this[OUTCOME] = outcome;
  }

  /** The whole answer: status, headers, final URL, timings, attempts and body. An exchange of its own. */
  response(): Observable<ApiResponse<T>> {
    return this.#produce((plan, to: Subscriber<ApiResponse<T>>) => new ResponseReceiver(plan, to as never), true);
  }

  /** What happens on the way, with the values among it. An exchange of its own. */
  events(): Observable<ApiEvent<T>> {
    return this.#produce((plan, to: Subscriber<ApiEvent<T>>) => new EventReceiver(plan, to as never), false);
  }

  #produce<R>(make: (plan: Plan, to: Subscriber<R>) => Receiver, gather: boolean): Observable<R> {
    return new Observable((subscriber) => {
      const outcome = this[OUTCOME];
      if ('error' in outcome) throw outcome.error;
      const { plan } = outcome;
      const gathered = gather && plan.decoder.many ? { ...plan, gather } : plan;
      const producer = produceCall(gathered, make(plan, subscriber));
      subscriber.add(() => producer.cancel());
      producer.start();
    });
  }
}
