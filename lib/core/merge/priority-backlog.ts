import { ConfigError } from '../errors.js';
import type { Backlog } from './backlog.js';
import { FairQueue } from './fair-queue.js';

/** How a {@link PriorityBacklog} orders values; shared by all runs of an operator. */
export interface PriorityRules<T> {
  readonly priorityOf: (value: T) => number;
  readonly keyOf: (value: T) => unknown;
  readonly costOf: (value: T) => number;
  readonly classes: number;
  readonly ageing: number;
}

/** The values of one class. */
class PriorityClass<T> extends FairQueue<T> {
  /** How many others have started since this one was last served, or began to wait: 0 while it is empty. */
  passedOver = 0;
}

/** Urgent values first; a class that is passed over becomes more urgent. Within a class, keys have equal shares. */
export class PriorityBacklog<T> implements Backlog<T> {
  length = 0;
  readonly #rules: PriorityRules<T>;
  readonly #classes: readonly PriorityClass<T>[];

  constructor(rules: PriorityRules<T>) {
    this.#rules = rules;
    this.#classes = Array.from({ length: rules.classes }, () => new PriorityClass<T>());
  }

  get isReady(): boolean {
    return this.length > 0;
  }

  push(value: T): void {
    const { priorityOf, keyOf, costOf, classes } = this.#rules;
    const priority = priorityOf(value);
    const to = this.#classes[priority];
    if (!to) throw badAnswer('priorityOf', `a whole number from 0 to ${classes - 1}`, priority);
    const cost = costOf(value);
    if (!(cost > 0 && cost < Infinity)) throw badAnswer('costOf', 'a number above 0', cost);
    const key = keyOf(value);
    to.push(value, key, cost);
    this.length++;
  }

  take(): T {
    const next = this.#next();
    for (const other of this.#classes) if (other.length > 0) other.passedOver++;
    next.passedOver = 0;
    this.length--;
    return next.shift();
  }

  giveBack(): void {}

  clear(): void {
    this.length = 0;
    for (const one of this.#classes) one.clear();
  }

  /** The most urgent class, age counted in; of several, the one that was passed over most often. */
  #next(): PriorityClass<T> {
    let next: PriorityClass<T> | undefined;
    let best = Infinity;
    for (const [priority, one] of this.#classes.entries()) {
      if (one.length === 0) continue;
      const urgency = priority - Math.floor(one.passedOver / this.#rules.ageing);
      if (urgency > best || (urgency === best && one.passedOver <= next!.passedOver)) continue;
      next = one;
      best = urgency;
    }
    return next!;
  }
}

function badAnswer(what: string, wanted: string, answer: unknown): ConfigError {
  return new ConfigError(`mergePriority.${what}`, `must answer with ${wanted}, not ${String(answer)}`);
}
