import { Ring } from '../ring.js';
import type { Waiter } from './waiter.js';

/** Values of one key that wait for a place. */
export interface Queued<T, R> {
  readonly key: unknown;
  /** The first of them: the call is started with it. */
  readonly value: T;
  readonly waiters: Waiter<R>[];
}

/** What waits for a place: key by key, in the order in which the keys came. */
export class WaitingKeys<T, R> {
  readonly #byKey = new Map<unknown, Queued<T, R>>();
  // The order is kept apart: a Map that is emptied from its front takes a search past all that has gone.
  readonly #order = new Ring<Queued<T, R>>(1);

  /** The one whose turn it is. */
  get first(): Queued<T, R> | undefined {
    return this.#order.length > 0 ? this.#order.at(0) : undefined;
  }

  /** Adds to what waits for the same key. @returns false when nothing does */
  join(key: unknown, waiter: Waiter<R>): boolean {
    if (this.#order.length === 0) return false;
    const queued = this.#byKey.get(key);
    queued?.waiters.push(waiter);
    return queued !== undefined;
  }

  push(queued: Queued<T, R>): void {
    this.#byKey.set(queued.key, queued);
    this.#order.push(queued);
  }

  shift(): void {
    const queued = this.#order.shift();
    if (queued) this.#byKey.delete(queued.key);
  }

  clear(): void {
    this.#byKey.clear();
    this.#order.clear();
  }
}
