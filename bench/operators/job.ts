import { Inlet } from './inlet.ts';

/** What a contender exports under the name `run`: does a job with `n` items, gives the sum of what came out. */
export type Run = (n: number) => number | Promise<number>;

export const CONCURRENCY = 64;

/** The work of `merge-ordered`: ready in the next microtask. */
export const work = async (item: number): Promise<number> => item + 1;

/** What comes out of {@link work} for the items 0 to n - 1. */
export const workSum = (n: number): number => (n * (n + 1)) / 2;

/** Sums results, and fails when one is out of order. */
export class Ordered {
  #last = 0;
  sum = 0;

  take(result: number): void {
    if (result !== this.#last + 1) throw new Error(`${result} came after ${this.#last}`);
    this.#last = result;
    this.sum += result;
  }
}

/** Items that come when results go: so that none ever waits, which RxJS's `mergeMap` would take quadratic time for. */
export class Loop {
  readonly #inlet = new Inlet<number>();
  readonly items = this.#inlet.stream;
  readonly #n: number;
  #next = 0;

  constructor(n: number) {
    this.#n = n;
  }

  /** Fills the places. */
  start(): void {
    for (let i = 0; i < CONCURRENCY; i++) this.more();
  }

  more(): void {
    if (this.#next < this.#n) this.#inlet.next(this.#next++);
    else if (this.#next++ === this.#n) this.#inlet.complete();
  }
}

/** The items, for those who pull. */
export function* range(n: number): Generator<number, void> {
  for (let i = 0; i < n; i++) yield i;
}
