import { Ring } from '../ring.js';
import type { KeyQueue } from './key-queue.js';

/** What a backlog notes on a call that it gave a value to. */
export interface Holder<T> {
  queue: KeyQueue<T> | undefined;
}

/** Where values of a source wait for a place, and who is next: all in constant time. */
export interface Backlog<T> {
  /** Values that wait, those that may not start yet among them. */
  readonly length: number;
  /** Whether one of them may start. */
  readonly isReady: boolean;
  /** Takes a value in; changes nothing when it throws. */
  push(value: T): void;
  /** Gives out the value whose turn it is; one must be ready. */
  take(holder: Holder<T>): T;
  /** The call that a value was taken for is over, and its results have left. */
  giveBack(holder: Holder<T>): void;
  clear(): void;
}

/** First come, first served. */
export class LineBacklog<T> extends Ring<T> implements Backlog<T> {
  constructor() {
    super(1);
  }

  get isReady(): boolean {
    return this.length > 0;
  }

  take(): T {
    return this.shift() as T;
  }

  giveBack(): void {}
}

/** Only the newest value waits. */
export class LatestBacklog<T> implements Backlog<T> {
  length = 0;
  #newest: T | undefined;

  get isReady(): boolean {
    return this.length > 0;
  }

  push(value: T): void {
    this.#newest = value;
    this.length = 1;
  }

  take(): T {
    const value = this.#newest as T;
    this.clear();
    return value;
  }

  giveBack(): void {}

  clear(): void {
    this.#newest = undefined;
    this.length = 0;
  }
}
