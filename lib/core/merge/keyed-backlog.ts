import type { Backlog, Holder } from './backlog.js';
import { KeyQueue } from './key-queue.js';

/** First come, first served within a key, one at a time; keys that are free and have values take turns. */
export class KeyedBacklog<T> implements Backlog<T> {
  length = 0;
  readonly #keyOf: (value: T) => unknown;
  /** Only keys with a value that waits or a call that runs. */
  readonly #queues = new Map<unknown, KeyQueue<T>>();
  #first: KeyQueue<T> | undefined;
  #last: KeyQueue<T> | undefined;

  constructor(keyOf: (value: T) => unknown) {
    this.#keyOf = keyOf;
  }

  get isReady(): boolean {
    return this.#first !== undefined;
  }

  push(value: T): void {
    const key = this.#keyOf(value);
    let queue = this.#queues.get(key);
    if (!queue) this.#queues.set(key, (queue = new KeyQueue<T>(key)));
    queue.push(value);
    this.length++;
    if (queue.length === 1 && !queue.isBusy) this.#lineUp(queue);
  }

  take(holder: Holder<T>): T {
    const queue = this.#first!;
    this.#first = queue.next;
    queue.next = undefined;
    queue.isBusy = true;
    holder.queue = queue;
    this.length--;
    return queue.shift() as T;
  }

  giveBack(holder: Holder<T>): void {
    const queue = holder.queue!;
    holder.queue = undefined;
    queue.isBusy = false;
    if (queue.length > 0) this.#lineUp(queue);
    else this.#queues.delete(queue.key);
  }

  clear(): void {
    this.length = 0;
    this.#queues.clear();
    this.#first = this.#last = undefined;
  }

  #lineUp(queue: KeyQueue<T>): void {
    if (this.#first) this.#last!.next = queue;
    else this.#first = queue;
    this.#last = queue;
  }
}
