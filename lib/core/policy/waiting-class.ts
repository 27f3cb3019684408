import { Codel } from './codel.js';
import type { Permit } from './permit.js';
import { type Linked, WaitList } from './wait-list.js';

/** Those of one key that wait. Exists while there are any. */
export class KeyQueue extends WaitList implements Linked<KeyQueue> {
  readonly key: unknown;
  readonly owner: WaitingClass;
  readonly codel = new Codel();
  /** What it may still take of the limit in this round. */
  deficit = 0;
  prev: KeyQueue | undefined;
  next: KeyQueue | undefined;
  /** Since when it is not empty. */
  readonly #sinceMs: number;

  constructor(key: unknown, owner: WaitingClass, now: number) {
    super();
    this.key = key;
    this.owner = owner;
    this.#sinceMs = now;
  }

  /** Under pressure the oldest have the least to gain: their callers are about to give up. */
  stands(now: number): boolean {
    return now - this.#sinceMs >= this.owner.standingMs;
  }

  /** Who is served first. */
  best(now: number): Permit {
    return (this.stands(now) ? this.last : this.first)!;
  }

  /** Who would be served last. */
  worst(now: number): Permit {
    return (this.stands(now) ? this.first : this.last)!;
  }
}

/**
 * Those of one priority that wait, in queues by key that take turns: deficit round robin, so that a key with a thousand
 * calls takes no more of the limit than one with two.
 *
 * @see Shreedhar and Varghese, "Efficient Fair Queuing Using Deficit Round Robin" (1995)
 */
export class WaitingClass {
  length = 0;
  /** A queue that has not been empty for so long stands: the newest is then served first. */
  standingMs = Infinity;
  /** Since when it waits for its turn. */
  sinceMs = 0;
  readonly #queues = new Map<unknown, KeyQueue>();
  readonly #round = new WaitList<KeyQueue>();
  /** While there are several: the calls of most bulkheads have one key, and one queue is the longest. */
  #lengths: Lengths | undefined;
  /** The largest cost since it was empty: a turn is worth so much, so that each turn serves one at least. */
  #quantum = 1;

  push(permit: Permit, key: unknown, now: number): void {
    if (this.length === 0) this.sinceMs = now;
    let queue = this.#queues.get(key);
    if (!queue) {
      this.#queues.set(key, (queue = new KeyQueue(key, this, now)));
      this.#round.push(queue);
    }
    queue.push(permit);
    this.length++;
    this.#measure(queue, queue.length - 1);
    this.#quantum = Math.max(this.#quantum, permit.cost);
  }

  remove(permit: Permit, queue: KeyQueue): void {
    queue.remove(permit);
    this.length--;
    this.#measure(queue, queue.length + 1);
    if (this.length === 0) this.#quantum = 1;
    if (queue.length > 0) return;
    this.#queues.delete(queue.key);
    this.#round.remove(queue);
    if (this.#round.length === 1) this.#lengths = undefined;
  }

  of(key: unknown): KeyQueue | undefined {
    return this.#queues.get(key);
  }

  /** The queue whose turn it is; asked again without one being served, it is the same. */
  turn(now: number): KeyQueue {
    const queue = this.#round.first!;
    if (queue.deficit < queue.best(now).cost) queue.deficit += this.#quantum;
    return queue;
  }

  /** Takes out one that is served. */
  serve(permit: Permit, queue: KeyQueue, now: number): void {
    this.sinceMs = now;
    queue.deficit -= permit.cost;
    this.remove(permit, queue);
    if (queue.length === 0 || queue.deficit >= queue.best(now).cost) return;
    this.#round.remove(queue);
    this.#round.push(queue);
  }

  get longest(): KeyQueue | undefined {
    return this.#lengths ? this.#lengths.longest : this.#round.first;
  }

  /** The length of a queue has changed by one. */
  #measure(queue: KeyQueue, before: number): void {
    if (this.#lengths) return this.#lengths.changed(queue, before);
    if (this.#round.length < 2) return;
    this.#lengths = new Lengths();
    for (let one = this.#round.first; one; one = one.next) this.#lengths.add(one);
  }
}

/** Knows the longest of many queues, whose lengths change by one at a time, in constant time. */
class Lengths {
  readonly #byLength = new Map<number, Set<KeyQueue>>();
  #most = 0;

  get longest(): KeyQueue | undefined {
    return this.#byLength.get(this.#most)?.values().next().value;
  }

  /** One of any length, that was not known before. */
  add(queue: KeyQueue): void {
    const { length } = queue;
    const same = this.#byLength.get(length);
    if (same) same.add(queue);
    else this.#byLength.set(length, new Set([queue]));
    this.#most = Math.max(this.#most, length);
  }

  changed(queue: KeyQueue, before: number): void {
    const { length } = queue;
    const left = this.#byLength.get(before);
    const joined = this.#byLength.get(length);
    left?.delete(queue);
    if (left?.size === 0) this.#byLength.delete(before);
    if (joined) joined.add(queue);
    // The set that was left is empty: it serves again, so that one queue alone makes no more of them.
    else if (length > 0) this.#byLength.set(length, left?.size === 0 ? left.add(queue) : new Set([queue]));
    if (length > this.#most || !this.#byLength.has(this.#most)) this.#most = length;
  }
}
