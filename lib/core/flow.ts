import { Observable, type OperatorFunction, type Subscriber } from 'rxjs';

import type { Demand, FlowSubscriber, Publisher } from './demand.js';
import { ConfigError } from './errors.js';
import { iterateFlow } from './flow-iterator.js';

/** Under this symbol a Flow keeps its publisher: test for it, not for the class, since there may be two copies. */
export const FLOW: unique symbol = Symbol.for('millrace.flow/1');

/** Marks an operator that keeps demand. */
export const FLOW_OPERATOR: unique symbol = Symbol.for('millrace.flow-operator/1');

/** An operator that keeps demand in `.via()` and also fits the `.pipe()` of a plain Observable. */
export interface FlowOperator<T, R> extends OperatorFunction<T, R> {
  (source: Flow<T>): Flow<R>;
  (source: Observable<T>): Observable<R>;
  readonly [FLOW_OPERATOR]: true;
}

/** In place of the demand of a run that is over. */
const OVER: Demand = { request: () => undefined, cancel: () => undefined };

/** Carries values of a Flow to an RxJS subscriber, with unbounded demand. */
class UnboundedBridge<T> implements FlowSubscriber<T> {
  readonly #to: Subscriber<T>;
  #demand: Demand | undefined;

  constructor(to: Subscriber<T>) {
    this.#to = to;
  }

  onSubscribe(demand: Demand): void {
    if (this.#demand) return demand.cancel();
    this.#demand = demand;
    // Added before the request, so that `take(1)` stops a source that emits inside it.
    this.#to.add(this);
    demand.request(Infinity);
  }

  onNext(value: T): void {
    this.#to.next(value);
  }

  // Both end the subscription, which would cancel a run that is over (Reactive Streams rule 2.3).
  onError(error: unknown): void {
    this.#demand = OVER;
    this.#to.error(error);
  }

  onComplete(): void {
    this.#demand = OVER;
    this.#to.complete();
  }

  unsubscribe(): void {
    const demand = this.#demand;
    this.#demand = OVER;
    demand?.cancel();
  }
}

function subscribeUnbounded<T>(this: Observable<T>, subscriber: Subscriber<T>): void {
  (this as Flow<T>)[FLOW].subscribe(new UnboundedBridge(subscriber));
}

/**
 * An Observable that carries demand: `.via()` keeps it, `.pipe()` leaves it behind.
 *
 * - `.subscribe()` asks for everything;
 * - `for await` asks for a few at a time, and `break` cancels;
 * - `.via()` hands the demand of what comes after to what comes before.
 */
export class Flow<T> extends Observable<T> implements AsyncIterable<T> {
  readonly [FLOW]: Publisher<T>;

  /** @param publisher - starts one run per subscription and honours its demand */
  constructor(publisher: Publisher<T>) {
    super(subscribeUnbounded);
    this[FLOW] = publisher;
  }

  /**
   * Chains operators that keep demand.
   *
   * @throws ConfigError for one that does not
   */
  via<A>(a: FlowOperator<T, A>): Flow<A>;
  via<A, B>(a: FlowOperator<T, A>, b: FlowOperator<A, B>): Flow<B>;
  via<A, B, C>(a: FlowOperator<T, A>, b: FlowOperator<A, B>, c: FlowOperator<B, C>): Flow<C>;
  via<A, B, C, D>(a: FlowOperator<T, A>, b: FlowOperator<A, B>, c: FlowOperator<B, C>, d: FlowOperator<C, D>): Flow<D>;
  via<A, B, C, D, E>(
    a: FlowOperator<T, A>,
    b: FlowOperator<A, B>,
    c: FlowOperator<B, C>,
    d: FlowOperator<C, D>,
    e: FlowOperator<D, E>,
  ): Flow<E>;
  via<A, B, C, D, E, F>(
    a: FlowOperator<T, A>,
    b: FlowOperator<A, B>,
    c: FlowOperator<B, C>,
    d: FlowOperator<C, D>,
    e: FlowOperator<D, E>,
    f: FlowOperator<E, F>,
    ...more: FlowOperator<F, F>[]
  ): Flow<F>;
  via(...operators: FlowOperator<unknown, unknown>[]): Flow<unknown> {
    return operators.reduce<Flow<unknown>>((flow, operator) => {
      if (!(FLOW_OPERATOR in operator)) throw new ConfigError('via', 'wrap a stock operator: through(map(...))');
      return operator(flow);
    }, this);
  }

  /** Pulls: a few values are asked for ahead of the loop, and leaving the loop cancels the source. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T> {
    return iterateFlow(this[FLOW]);
  }
}

/** Whether a value carries demand, whichever copy of the package made it. */
export function isFlow<T>(value: Observable<T>): value is Flow<T> {
  return FLOW in value;
}
