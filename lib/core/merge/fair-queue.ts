import { Ring } from '../ring.js';

/** What one key has waiting, and what it has saved up. */
class Share<T> {
  readonly key: unknown;
  readonly values = new Ring<T>(1);
  readonly costs = new Ring<number>(1);
  /** What it may still spend in this turn. */
  credit = 0;
  next: Share<T> | undefined;

  constructor(key: unknown) {
    this.key = key;
  }
}

/**
 * Shares a queue out between keys: in the long run, each one that has values waiting spends as much as any other.
 *
 * Deficit round robin. A key whose turn begins gets as much credit as the dearest value costs, and keeps its turn
 * while the credit covers its next value; what is left, it keeps. So each turn gives out a value, and taking one looks
 * at two keys at most.
 */
export class FairQueue<T> {
  length = 0;
  readonly #shares = new Map<unknown, Share<T>>();
  /** The key whose turn it is, and the others behind it. */
  #first: Share<T> | undefined;
  #last: Share<T> | undefined;
  #hasBegun = false;
  /** The most that a value has cost since the queue was empty. */
  #quantum = 0;

  push(value: T, key: unknown, cost: number): void {
    let share = this.#shares.get(key);
    if (!share) {
      this.#shares.set(key, (share = new Share<T>(key)));
      this.#lineUp(share);
    }
    share.values.push(value);
    share.costs.push(cost);
    this.#quantum = Math.max(this.#quantum, cost);
    this.length++;
  }

  /** Takes the value whose turn it is; there must be one. */
  shift(): T {
    const share = this.#turn();
    share.credit -= share.costs.shift()!;
    const value = share.values.shift() as T;
    if (--this.length === 0) this.#quantum = 0;
    if (share.values.length > 0) return value;
    this.#shares.delete(share.key);
    this.#leave(share);
    return value;
  }

  clear(): void {
    this.length = this.#quantum = 0;
    this.#shares.clear();
    this.#first = this.#last = undefined;
    this.#hasBegun = false;
  }

  /** The key whose credit covers its next value. */
  #turn(): Share<T> {
    const share = this.#first!;
    if (this.#hasBegun) {
      if (share.credit >= share.costs.at(0)!) return share;
      this.#leave(share);
      this.#lineUp(share);
    }
    this.#hasBegun = true;
    this.#first!.credit += this.#quantum;
    return this.#first!;
  }

  #leave(first: Share<T>): void {
    this.#first = first.next;
    first.next = undefined;
    this.#hasBegun = false;
  }

  #lineUp(share: Share<T>): void {
    if (this.#first) this.#last!.next = share;
    else this.#first = share;
    this.#last = share;
  }
}
