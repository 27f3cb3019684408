import { badRequest, type Demand, type FlowSubscriber, type Publisher } from '../demand.js';
import type { FlowOperator } from '../flow.js';
import { flowOperator } from '../flow-operator.js';
import { isProgress } from '../progress.js';
import { outcomeOf } from './outcome.js';
import { type Gate, Permit } from './permit.js';
import { limitAround, type TimeLimit, WITHIN } from './time-limit.js';

/**
 * Runs a source behind a gate: subscribes when it is admitted, and gives the permit back when the run is over.
 *
 * Both ends and the permit in one object: values pass through without a queue, since no source may send more than
 * was asked for.
 */
export class GuardedRun<T> extends Permit implements Demand, FlowSubscriber<T> {
  readonly #source: Publisher<T>;
  #to: FlowSubscriber<T> | undefined;
  #demand: Demand | undefined;
  #wanted = 0;

  constructor(source: Publisher<T>, to: FlowSubscriber<T>) {
    super();
    this.#source = source;
    this.#to = to;
  }

  get [WITHIN](): TimeLimit | undefined {
    return limitAround(this.#to);
  }

  start(gate: Gate): void {
    try {
      this.#to!.onSubscribe(this);
    } catch (error) {
      this.cancel();
      throw error;
    }
    if (this.#to) this.acquire(gate);
  }

  protected granted(): void {
    this.#source.subscribe(this);
  }

  protected refused(error: unknown): void {
    this.#leave()?.onError(error);
  }

  request(n: number): void {
    if (!this.#to) return;
    const bad = badRequest(n);
    if (bad) {
      const to = this.#to;
      this.cancel();
      return to.onError(bad);
    }
    this.#wanted += n;
    this.#demand?.request(n);
  }

  cancel(): void {
    if (!this.#to) return;
    const demand = this.#demand;
    this.#leave();
    try {
      // Cancelled first: the place goes to another call, which may need what this one holds.
      demand?.cancel();
    } finally {
      // Whoever takes one value and leaves has been answered.
      this.release(this.answered ? 'success' : 'ignored');
    }
  }

  onSubscribe(demand: Demand): void {
    if (!this.#to || this.#demand) return demand.cancel();
    this.#demand = demand;
    if (this.#wanted > 0) demand.request(this.#wanted);
  }

  onNext(value: T): void {
    if (!this.#to) return;
    if (!this.answered) {
      this.answered = !isProgress(value);
      this.hear(value);
    }
    try {
      // What the gate has heard may have let others start, and those may have cancelled this one.
      this.#to?.onNext(value);
    } catch (error) {
      // The source ends its own run and does not call back, so the permit is given back here.
      this.cancel();
      throw error;
    }
  }

  // Both give the permit back first, so that what the subscriber starts next finds it free.
  onComplete(): void {
    const to = this.#leave();
    if (!to) return;
    this.release('success');
    to.onComplete();
  }

  onError(error: unknown): void {
    const to = this.#leave();
    if (!to) return;
    this.release(outcomeOf(error), error);
    to.onError(error);
  }

  #leave(): FlowSubscriber<T> | undefined {
    const to = this.#to;
    this.#to = this.#demand = undefined;
    return to;
  }
}

/** An operator that lets its source run when a gate admits it. */
export function guard<T>(gate: Gate): FlowOperator<T, T> {
  return flowOperator((source, to) => new GuardedRun(source, to).start(gate));
}
