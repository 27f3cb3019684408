import type { Clock } from 'millrace';

interface Timer {
  readonly atMs: number;
  /** Timers of the same moment run in the order in which they were set. */
  readonly order: number;
  run: (() => void) | undefined;
}

/** Any moment would do; a fixed one makes traces the same on every machine. */
const START_MS = Date.UTC(2000, 0, 1);

/**
 * Time that passes only when all that was due has run: an hour of a simulated system takes a second.
 *
 * Timers are a binary heap, so that a million of them cost a million times log n.
 */
export class VirtualClock implements Clock {
  readonly #heap: Timer[] = [];
  #nowMs = START_MS;
  #orders = 0;

  now(): number {
    return this.#nowMs;
  }

  /** Milliseconds since the simulation began. */
  get elapsedMs(): number {
    return this.#nowMs - START_MS;
  }

  after(ms: number, run: () => void): () => void {
    const timer: Timer = { atMs: this.#nowMs + Math.max(0, ms), order: this.#orders++, run };
    this.#heap.push(timer);
    this.#rise(this.#heap.length - 1);
    return () => (timer.run = undefined);
  }

  /** Lets time pass until a moment since the beginning, or until nothing is left to happen. */
  runTo(untilMs: number): void {
    for (let next = this.#heap[0]; next && next.atMs - START_MS <= untilMs; next = this.#heap[0]) {
      this.#removeFirst();
      if (!next.run) continue;
      this.#nowMs = next.atMs;
      next.run();
    }
    if (untilMs !== Infinity) this.#nowMs = START_MS + untilMs;
  }

  #removeFirst(): void {
    const last = this.#heap.pop()!;
    if (this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#sink(0);
  }

  #rise(at: number): void {
    for (let i = at; i > 0;) {
      const parent = (i - 1) >> 1;
      if (!this.#isBefore(i, parent)) return;
      this.#swap(i, parent);
      i = parent;
    }
  }

  #sink(at: number): void {
    for (let i = at; ;) {
      const left = 2 * i + 1;
      if (left >= this.#heap.length) return;
      const right = left + 1;
      const least = right < this.#heap.length && this.#isBefore(right, left) ? right : left;
      if (!this.#isBefore(least, i)) return;
      this.#swap(i, least);
      i = least;
    }
  }

  #isBefore(i: number, j: number): boolean {
    const a = this.#heap[i]!;
    const b = this.#heap[j]!;
    return a.atMs === b.atMs ? a.order < b.order : a.atMs < b.atMs;
  }

  #swap(i: number, j: number): void {
    const a = this.#heap[i]!;
    this.#heap[i] = this.#heap[j]!;
    this.#heap[j] = a;
  }
}
