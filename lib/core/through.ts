import { defer, Observable, type OperatorFunction, pipe, type Subscriber } from 'rxjs';

import type { Demand, FlowSubscriber } from './demand.js';
import type { FlowOperator } from './flow.js';
import { flowOperator } from './flow-operator.js';
import { limitAround, type TimeLimit, WITHIN } from './policy/time-limit.js';
import { Waiting } from './waiting.js';

/** Feeds the stock operators with what upstream sends. One per subscription to their source: `retry` makes another. */
class Feed<T> implements FlowSubscriber<T> {
  readonly #run: ThroughRun<T, unknown>;
  readonly #into: Subscriber<T>;
  #demand: Demand | undefined;
  #asked = 0;
  #over = false;

  constructor(run: ThroughRun<T, unknown>, into: Subscriber<T>) {
    this.#run = run;
    this.#into = into;
  }

  get [WITHIN](): TimeLimit | undefined {
    return this.#run[WITHIN];
  }

  onSubscribe(demand: Demand): void {
    if (this.#demand || this.#over) return demand.cancel();
    this.#demand = demand;
    this.#run.enter(this);
    // Added before any request, so that `take(1)` stops a source that sends inside of one.
    this.#into.add(this);
    this.#run.refill();
  }

  onNext(value: T): void {
    this.#asked--;
    this.#into.next(value);
    this.#run.refill();
  }

  onError(error: unknown): void {
    this.#leave();
    this.#into.error(error);
  }

  onComplete(): void {
    this.#leave();
    this.#into.complete();
  }

  /** Asks upstream for what is wanted below and not yet on its way. */
  ask(wanted: number): void {
    const missing = wanted - this.#asked;
    if (!(missing > 0)) return; // also for Infinity less Infinity
    this.#asked += missing;
    this.#demand?.request(missing);
  }

  unsubscribe(): void {
    const demand = this.#demand;
    this.#leave();
    demand?.cancel();
  }

  #leave(): void {
    this.#over = true;
    this.#demand = undefined;
    this.#run.leave(this);
  }
}

class ThroughRun<T, R> extends Waiting<R> {
  readonly #feeds: Feed<T>[] = [];
  readonly [WITHIN]: TimeLimit | undefined;

  constructor(to: FlowSubscriber<R>) {
    super(to);
    this[WITHIN] = limitAround(to);
  }

  enter(feed: Feed<T>): void {
    this.#feeds.push(feed);
  }

  leave(feed: Feed<T>): void {
    const index = this.#feeds.indexOf(feed);
    if (index >= 0) this.#feeds.splice(index, 1);
  }

  /** Asks upstream again where more is wanted than the operators have let through. */
  refill(): void {
    this.drain();
  }

  protected override idle(): void {
    // Read anew each time: a source may answer within the request, fail, and make `retry` enter another feed.
    for (let i = 0; i < this.#feeds.length; i++) this.#feeds[i]!.ask(this.requested);
  }
}

/**
 * Uses stock RxJS operators inside a Flow and keeps its demand: asks upstream for as many values as are wanted below,
 * asks again for a value that yields none (`filter`), holds the surplus of one that yields several (`concatMap`).
 *
 * Meant for operators that answer at once: `map`, `filter`, `scan`, `take`, `distinctUntilChanged`, `pairwise`.
 * `debounceTime` and its like, which drop what they do not send, pull freely and work too; one that keeps values for
 * later (`delay`, `mergeMap` of something slow, `bufferTime`) pulls freely into its own queue, without a bound.
 *
 * - next: what the operators send, when it is asked for.
 * - error: passed on by way of the operators; what they throw.
 * - complete: when the operators complete, which may be early (`take`) and then cancels the source.
 * - unsubscribe: unsubscribes from the operators and cancels the source.
 *
 * @param a - a stock operator; up to six
 * @returns an operator that keeps demand
 * @see Reactive Streams 1.0.4, rules 4.1 and 4.2: a processor obeys the rules of both sides
 *
 * @example
 * ```ts
 * import { fromIterable, through } from 'millrace';
 * import { filter, map } from 'rxjs';
 *
 * const even = through(filter((n: number) => n % 2 === 0), map((n) => `number ${n}`));
 * const received: string[] = [];
 * for await (const text of fromIterable([1, 2, 3, 4]).via(even)) received.push(text);
 * received; // => ['number 2', 'number 4']
 * ```
 */
export function through<T, A>(a: OperatorFunction<T, A>): FlowOperator<T, A>;
export function through<T, A, B>(a: OperatorFunction<T, A>, b: OperatorFunction<A, B>): FlowOperator<T, B>;
export function through<T, A, B, C>(
  a: OperatorFunction<T, A>,
  b: OperatorFunction<A, B>,
  c: OperatorFunction<B, C>,
): FlowOperator<T, C>;
export function through<T, A, B, C, D>(
  a: OperatorFunction<T, A>,
  b: OperatorFunction<A, B>,
  c: OperatorFunction<B, C>,
  d: OperatorFunction<C, D>,
): FlowOperator<T, D>;
export function through<T, A, B, C, D, E>(
  a: OperatorFunction<T, A>,
  b: OperatorFunction<A, B>,
  c: OperatorFunction<B, C>,
  d: OperatorFunction<C, D>,
  e: OperatorFunction<D, E>,
): FlowOperator<T, E>;
export function through<T, A, B, C, D, E, F>(
  a: OperatorFunction<T, A>,
  b: OperatorFunction<A, B>,
  c: OperatorFunction<B, C>,
  d: OperatorFunction<C, D>,
  e: OperatorFunction<D, E>,
  f: OperatorFunction<E, F>,
): FlowOperator<T, F>;
export function through(...operators: OperatorFunction<unknown, unknown>[]): FlowOperator<unknown, unknown> {
  const operate = pipe(...(operators as [OperatorFunction<unknown, unknown>]));
  return flowOperator((source, to) => {
    const run = new ThroughRun<unknown, unknown>(to);
    const fed = new Observable((into) => source.subscribe(new Feed(run, into)));
    run.startWith(defer(() => operate(fed)));
  });
}
