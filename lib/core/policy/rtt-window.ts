import type { Outcome } from './outcome.js';

/** Fewer calls say too little. */
const FEWEST = 10;
/** What takes less was answered without a server. Unit: milliseconds. */
const LEAST_MS = 0.1;
/**
 * From which share on failures count as a sign of load: one in the smallest window. At any one failure a server with
 * an error in a thousand, asked often enough, would bring the limit down to its least and keep it there.
 */
const FAILED_SHARE = 0.1;

/** What a window has shown. */
export interface RttSummary {
  readonly meanMs: number;
  /** The most that ran at once. */
  readonly running: number;
  /** Whether so many failed that the limit is to fall. */
  readonly failed: boolean;
}

/** Gathers how long calls take, until there are enough of them. */
export class RttWindow {
  /** The mean of the latest window. */
  latestMs: number | undefined;
  #openedMs: number | undefined;
  #succeeded = 0;
  #failed = 0;
  #sumMs = 0;
  #running = 0;

  /** @returns whether it says anything about the server's load */
  add(durationMs: number, running: number, outcome: Outcome): boolean {
    if (outcome === 'failure') this.#failed++;
    else if (outcome === 'success' && durationMs >= LEAST_MS) {
      this.#succeeded++;
      this.#sumMs += durationMs;
    } else return false;
    this.#running = Math.max(this.#running, running);
    return true;
  }

  /** @returns what it has shown, and begins anew; `undefined` while it is too short, or has too few calls */
  close(now: number, leastMs: number): RttSummary | undefined {
    this.#openedMs ??= now;
    const calls = this.#succeeded + this.#failed;
    const meanMs = this.#succeeded > 0 ? this.#sumMs / this.#succeeded : 0;
    if (calls < FEWEST || now - this.#openedMs < Math.max(leastMs, 2 * meanMs)) return undefined;
    const summary = { meanMs, running: this.#running, failed: this.#failed >= FAILED_SHARE * calls };
    if (meanMs > 0) this.latestMs = meanMs;
    this.#openedMs = now;
    this.#succeeded = this.#failed = this.#sumMs = this.#running = 0;
    return summary;
  }
}
