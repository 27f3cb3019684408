import type { Clock } from '../../lib/core/clock.js';

interface Timer {
  readonly atMs: number;
  readonly run: () => void;
}

/** A clock that a test moves by hand, and that counts its timers. */
export class HandClock implements Clock {
  readonly #timers = new Set<Timer>();
  #nowMs = 1_000_000_000_000;

  now(): number {
    return this.#nowMs;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { atMs: this.#nowMs + Math.max(0, ms), run };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** Timers that have neither fired nor been cancelled. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Lets time pass, and everything happen in it. */
  advance(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (let next = this.#due(endMs); next; next = this.#due(endMs)) {
      this.#timers.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.run();
    }
    this.#nowMs = endMs;
  }

  /** The timer that is due first, and of those the one that was set first. */
  #due(endMs: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.atMs <= endMs && (!first || timer.atMs < first.atMs)) first = timer;
    }
    return first;
  }
}
