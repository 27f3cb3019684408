/** Where time comes from: one seam for timers, deadlines, jitter and tests. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00Z, never running backwards. */
  now(): number;
  /**
   * Runs a function once, later.
   *
   * @param ms - how long to wait; values under 0 count as 0, longer than 2^31 - 1 ms are waited for in steps
   * @returns a function that cancels; calling it again does nothing
   */
  after(ms: number, run: () => void): () => void;
}

// Structural, so that the public types need neither the DOM nor Node's types.
interface Timers {
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(id: unknown): void;
  readonly performance: { readonly timeOrigin: number; now(): number };
}
const timers = globalThis as unknown as Timers;

// Read once: the accessor costs more than reading the time.
const { timeOrigin } = timers.performance;

/** setTimeout fires at once above this. */
const LONGEST_MS = 2_147_483_647;

/** The system's clock. */
export const systemClock: Clock = Object.freeze({
  now: (): number => timeOrigin + timers.performance.now(),
  after(ms: number, run: () => void): () => void {
    let id: unknown;
    const wait = (left: number): void => {
      id =
        left > LONGEST_MS
          ? timers.setTimeout(() => wait(left - LONGEST_MS), LONGEST_MS)
          : timers.setTimeout(run, Math.max(0, left));
    };
    wait(ms);
    return () => timers.clearTimeout(id);
  },
});
