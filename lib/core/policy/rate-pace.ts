import { Ring } from '../ring.js';

/** How many may start, and in how long. */
export interface Rate {
  readonly limit: number;
  readonly windowMs: number;
  /** How many may start at once after a quiet time; as many as come due in a millisecond, where nothing is said. */
  readonly burst: number | undefined;
}

/** Counts starts, and says when the next ones may be. */
export interface Pace {
  /** When the next start may be, or the one `behind` others. A moment that has passed means: now. */
  opensAt(behind: number): number;
  /** Something starts now that was due then. */
  take(nowMs: number, dueMs: number): void;
  /** The server lets nothing start before that moment, and need not have everything ready again by then. */
  drain(untilMs: number): void;
  /** Another rate from now on; what has started keeps counting. */
  retime(rate: Rate): void;
  /** What has to be remembered. */
  save(): readonly number[];
  load(saved: readonly number[]): void;
}

/**
 * The generic cell rate algorithm: one moment stands for all that has started. Starts are evenly spaced; `burst` of
 * them may come at once. Within any window there are at most `limit + burst - 1`.
 *
 * @see ITU-T I.371, annex A: the virtual scheduling algorithm
 */
export class Gcra implements Pace {
  /** The theoretical arrival time: when the next start would be without a burst. */
  #tat = -Infinity;
  #intervalMs = 0;
  #toleranceMs = 0;

  constructor(rate: Rate) {
    this.retime(rate);
  }

  opensAt(behind: number): number {
    return this.#tat - this.#toleranceMs + behind * this.#intervalMs;
  }

  take(_nowMs: number, dueMs: number): void {
    this.#tat = Math.max(this.#tat, dueMs) + this.#intervalMs;
  }

  drain(untilMs: number): void {
    this.#tat = Math.max(this.#tat, untilMs + this.#toleranceMs);
  }

  retime({ limit, windowMs, burst = Math.ceil(limit / windowMs) }: Rate): void {
    const before = this.#toleranceMs;
    this.#intervalMs = windowMs / limit;
    this.#toleranceMs = (burst - 1) * this.#intervalMs;
    // What was saved up for a burst stays saved up, in the new measure.
    this.#tat += this.#toleranceMs - before;
  }

  save(): readonly number[] {
    return this.#tat === -Infinity ? [] : [this.#tat];
  }

  load(saved: readonly number[]): void {
    this.#tat = saved[0] ?? -Infinity;
  }
}

/** A log of the latest starts: never more than `limit` in any window. Costs eight bytes for each of them. */
export class SlidingLog implements Pace {
  #limit = 0;
  #windowMs = 0;
  readonly #starts = new Ring<number>();

  constructor(rate: Rate) {
    this.retime(rate);
  }

  opensAt(behind: number): number {
    const rounds = Math.floor(behind / this.#limit);
    const index = this.#starts.length - this.#limit + (behind % this.#limit);
    const first = index < 0 ? -Infinity : this.#starts.at(index)! + this.#windowMs;
    return first + rounds * this.#windowMs;
  }

  take(nowMs: number): void {
    this.#starts.push(nowMs);
    while (this.#starts.length > this.#limit) this.#starts.shift();
  }

  /** What has started is all that it knows; the server's quotas are counted beside it. */
  drain(): void {}

  retime({ limit, windowMs }: Rate): void {
    this.#limit = limit;
    this.#windowMs = windowMs;
  }

  save(): readonly number[] {
    return Array.from({ length: this.#starts.length }, (_, index) => this.#starts.at(index)!);
  }

  load(saved: readonly number[]): void {
    this.#starts.clear();
    for (const start of saved) this.take(start);
  }
}
