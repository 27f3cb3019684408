import type { ObservableInput } from 'rxjs';

import type { Demand, FlowSubscriber } from '../demand.js';
import { FLOW } from '../flow.js';
import { fromIterable } from '../from-iterable.js';
import { Outlet } from '../outlet.js';
import { LineBacklog } from './backlog.js';
import { BoundedMerge } from './bounded-merge.js';
import type { MergeCall } from './merge-call.js';
import type { Places } from './places.js';

type Entry = readonly [key: string, value: unknown];
type Results = Readonly<Record<string, unknown>>;

/** What is combined and how; shared by all runs. */
export interface CombineRules {
  readonly calls: Readonly<Record<string, ObservableInput<unknown>>>;
  readonly partial: boolean;
  readonly places: () => Places;
}

/** Names each value by the call it is from. */
class EntryMerge extends BoundedMerge<string, unknown, Entry> {
  protected override take(call: MergeCall<string, unknown>): Entry {
    return [call.input!, call.shift()];
  }
}

/** Runs the calls of a record, and sends records of what is there: when all is, or whenever something new is. */
export class CombineRun extends Outlet<Results> implements FlowSubscriber<Entry> {
  readonly #rules: CombineRules;
  readonly #keys: readonly string[];
  readonly #results = new Map<string, unknown>();
  #merge: Demand | undefined;
  #hasBegun = false;
  #isFresh = false;

  constructor(to: FlowSubscriber<Results>, rules: CombineRules) {
    super(to);
    this.#rules = rules;
    this.#keys = Object.keys(rules.calls);
  }

  onSubscribe(demand: Demand): void {
    this.#merge = demand;
    // Only the last value of each call is kept.
    demand.request(Infinity);
  }

  onNext([key, value]: Entry): void {
    this.#results.set(key, value);
    this.#isFresh = this.#rules.partial;
    this.drain();
  }

  onError(error: unknown): void {
    this.fail(error);
  }

  onComplete(): void {
    const missing = this.#keys.filter((key) => !this.#results.has(key));
    for (const key of missing) this.#results.set(key, undefined);
    this.#isFresh ||= !this.#rules.partial || missing.length > 0 || this.#keys.length === 0;
    this.complete();
  }

  protected override get held(): number {
    return this.#isFresh ? 1 : 0;
  }

  protected pull(): boolean {
    if (!this.#isFresh) return false;
    this.#isFresh = false;
    const there = this.#keys.filter((key) => this.#results.has(key));
    this.emit(Object.fromEntries(there.map((key) => [key, this.#results.get(key)])));
    return true;
  }

  protected override idle(wanted: number): void {
    if (wanted === 0 || this.#hasBegun) return;
    this.#hasBegun = true;
    const { calls, places } = this.#rules;
    const merge = new EntryMerge(this, {
      project: (key) => calls[key]!,
      places,
      backlog: () => new LineBacklog<string>(),
      lookAhead: 0,
    });
    fromIterable(this.#keys)[FLOW].subscribe(merge);
  }

  protected release(): void {
    this.#results.clear();
    this.#merge?.cancel();
  }
}
