import type { ObservableInput } from 'rxjs';

import type { Demand, FlowSubscriber } from '../demand.js';
import { ConfigError } from '../errors.js';
import { subscribeInner } from '../inner.js';
import { reportUnhandled } from '../outlet.js';
import { outcomeOf, type Outcome } from '../policy/outcome.js';
import { LazyContext, type ProjectContext } from '../project.js';
import type { BatchItem } from './batch-item.js';

/** The results of a batch: one for each value in their order, or by value. An `Error` is the error of one value. */
export type BatchAnswer<T, R> = readonly (R | Error)[] | ReadonlyMap<T, R | Error>;

/** Loads a batch. */
export type BatchLoad<T, R> = (
  values: readonly T[],
  context: ProjectContext,
) => BatchAnswer<T, R> | ObservableInput<BatchAnswer<T, R>>;

/** Who fills, starts and counts batches. */
export interface BatchHost<T, R> {
  /** An item left before its batch was started; `isEmpty` when it was the last one. */
  withdrawn(batch: Batch<T, R>, isEmpty: boolean): void;
  /** A batch that was started is over, and its place is free. */
  ended(batch: Batch<T, R>, outcome: Outcome): void;
  /** All who waited for it have been told. */
  told(): void;
}

/** Values that are loaded together. Those who wait for them may be many; the last one to leave cancels it. */
export class Batch<T, R> implements FlowSubscriber<BatchAnswer<T, R>> {
  /** When it was started. */
  sinceMs = 0;
  bytes = 0;
  readonly #host: BatchHost<T, R>;
  // A Set keeps the order and lets any item leave in constant time.
  readonly #items = new Set<BatchItem<T, R>>();
  readonly #context = new LazyContext();
  #sent: readonly BatchItem<T, R>[] | undefined;
  #demand: Demand | undefined;
  #over = false;

  constructor(host: BatchHost<T, R>) {
    this.#host = host;
  }

  get size(): number {
    return this.#items.size;
  }

  add(item: BatchItem<T, R>, bytes: number): void {
    item.batch = this;
    this.#items.add(item);
    this.bytes += bytes;
  }

  start(load: BatchLoad<T, R>): void {
    this.#sent = [...this.#items];
    try {
      const answer = load(
        this.#sent.map(({ value }) => value),
        this.#context,
      );
      if (isAnswer<T, R>(answer)) this.onNext(answer);
      // Also subscribed when everyone has left meanwhile: a promise's rejection must not count as unhandled.
      else subscribeInner(answer, this);
    } catch (error) {
      this.onError(error);
    }
  }

  leave(item: BatchItem<T, R>): void {
    if (!this.#items.delete(item)) return;
    const isEmpty = this.#items.size === 0;
    if (!this.#sent) return this.#host.withdrawn(this, isEmpty);
    if (!isEmpty || this.#over) return;
    this.#over = true;
    // Cancelled first: the place goes to another batch, which may need what this one holds.
    this.#context.abort();
    this.#leaveSource();
    this.#host.ended(this, 'ignored');
    this.#host.told();
  }

  onSubscribe(demand: Demand): void {
    if (this.#over || this.#demand) return demand.cancel();
    this.#demand = demand;
    demand.request(1);
  }

  onNext(answer: BatchAnswer<T, R>): void {
    if (this.#over) return;
    // One answer is all. Whoever sends more, or never ends, is left before the place goes to another batch.
    this.#over = true;
    this.#leaveSource();
    let results: readonly (R | Error)[];
    try {
      results = matched(answer, this.#sent!);
    } catch (error) {
      return this.#fail(error);
    }
    this.#end('success', (item, index) => item.settle(results[index]!));
  }

  onError(error: unknown): void {
    if (this.#over) return;
    this.#over = true;
    this.#fail(error);
  }

  onComplete(): void {
    this.onError(new ConfigError(FIELD, `ended without an answer; ${FIX}`));
  }

  #leaveSource(): void {
    try {
      this.#demand?.cancel();
    } catch (error) {
      // The place must be given back all the same.
      reportUnhandled(error);
    }
  }

  #fail(error: unknown): void {
    this.#end(outcomeOf(error), (item) => item.fail(error));
  }

  /**
   * The place is free before anyone is told, so that what they ask for next may have it. Another batch is started
   * after that: its values may be left when this one has failed.
   */
  #end(outcome: Outcome, tell: (item: BatchItem<T, R>, index: number) => void): void {
    this.#host.ended(this, outcome);
    this.#sent!.forEach(tell);
    this.#host.told();
  }
}

const FIELD = 'batchMap.load';
const FIX = 'give one result for each value in their order, or a Map by value';

function isAnswer<T, R>(answer: unknown): answer is BatchAnswer<T, R> {
  return Array.isArray(answer) || answer instanceof Map;
}

function matched<T, R>(answer: BatchAnswer<T, R>, items: readonly BatchItem<T, R>[]): readonly (R | Error)[] {
  if (!isAnswer<T, R>(answer)) throw new ConfigError(FIELD, `answered with no list and no Map; ${FIX}`);
  if (!(answer instanceof Map)) {
    const list = answer as readonly (R | Error)[];
    if (list.length === items.length) return list;
    throw new ConfigError(FIELD, `answered ${list.length} results for ${items.length} values; ${FIX}`);
  }
  return items.map(({ value }, index) => {
    if (answer.has(value)) return answer.get(value)!;
    const which = `value ${index + 1} of ${items.length}${typeof value === 'object' ? '' : ` (${String(value)})`}`;
    return new ConfigError(FIELD, `answered nothing for ${which}; where there is nothing, say so: null, or an Error`);
  });
}
