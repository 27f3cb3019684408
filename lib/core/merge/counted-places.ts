import type { Clock } from '../clock.js';
import type { LimitListener, LiveLimit } from '../policy/limit-source.js';
import type { Outcome } from '../policy/outcome.js';

/** The places that a limit on concurrency has, some of them taken. */
export class CountedPlaces {
  taken = 0;
  readonly #limit: LiveLimit;
  readonly #clock: Clock;

  constructor(limit: LiveLimit, clock: Clock) {
    this.#limit = limit;
    this.#clock = clock;
  }

  get isFree(): boolean {
    return this.taken < this.#limit.now;
  }

  /** How many places there are now. */
  get limit(): number {
    return this.#limit.now;
  }

  follow(listener: LimitListener): void {
    this.#limit.follow(listener);
  }

  close(): void {
    this.#limit.close();
  }

  /** @returns when it was taken, if the limit wants to know how long work takes */
  take(): number {
    this.taken++;
    return this.#limit.source?.sample ? this.#clock.now() : 0;
  }

  /** Work that took its place at `sinceMs` has ended; comes before `give`. */
  sample(sinceMs: number, outcome: Outcome): void {
    const { source } = this.#limit;
    source?.sample?.(this.#clock.now() - sinceMs, this.taken, outcome);
  }

  give(): void {
    this.taken--;
  }
}
