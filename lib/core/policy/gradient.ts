/** How a {@link Gradient} moves. */
export interface GradientRules {
  readonly min: number;
  readonly max: number;
  /** How much slower than usual answers may be before the limit falls: 1.5 is by half. */
  readonly tolerance: number;
  /** How far an estimate moves towards the next one: 1 is all the way. */
  readonly smoothing: number;
}

/** How many more are tried while answers are as fast as usual. */
const HEADROOM = 4;
const STEEPEST = 0.5;
const AFTER_DROP = 0.9;
/** The usual time is a moving average over so many windows, at first the mean of the windows there are. */
const LONG_WINDOWS = 600;
const WARM_UP = 10;
const FACTOR = 2 / (LONG_WINDOWS + 1);
/** When the usual time is so many times the present one, the load has gone: it must not take ten minutes to forget. */
const RECOVERED = 2;
const FORGET = 0.95;

/**
 * Estimates how many calls a server can take at once from how long they take: Gradient2.
 *
 * It differs from the original in two points. Headroom is added only while the gradient is 1: added always, the limit
 * creeps up at a gradient of about 0.8, and the wait with it (p99 976 ms, 809 so, at windows of 0.1 s). And failures
 * lower the limit, or a server that refuses fast would be asked ever more.
 *
 * @see Netflix concurrency-limits, `Gradient2Limit`, and its pull request 134 on the drift
 */
export class Gradient {
  estimate: number;
  /** What is usual; `undefined` before the first window. */
  longMs: number | undefined;
  /** Windows that the usual time was made of, counted up to the end of the warm-up. */
  windows = 0;

  constructor(initial: number) {
    this.estimate = initial;
  }

  /**
   * A window is over in which calls took `shortMs` on average, and `running` of them at most ran at once.
   */
  update(shortMs: number, running: number, rules: GradientRules): void {
    const longMs = this.#learn(shortMs);
    if (longMs / shortMs > RECOVERED) this.longMs = longMs * FORGET;
    // Whoever uses less than half of the limit learns nothing about it.
    if (running < this.estimate / 2) return;
    const gradient = Math.max(STEEPEST, Math.min(1, (rules.tolerance * longMs) / shortMs));
    const next = this.estimate * gradient + (gradient === 1 ? HEADROOM : 0);
    this.#set(this.estimate + rules.smoothing * (next - this.estimate), rules);
  }

  /** A window is over in which too many calls failed. */
  drop(rules: GradientRules): void {
    this.#set(this.estimate * AFTER_DROP, rules);
  }

  /** Brings the estimate within other bounds. */
  bound(rules: GradientRules): void {
    this.#set(this.estimate, rules);
  }

  #learn(shortMs: number): number {
    const before = this.longMs ?? 0;
    const weight = this.windows < WARM_UP ? 1 / ++this.windows : FACTOR;
    return (this.longMs = before + weight * (shortMs - before));
  }

  #set(estimate: number, { min, max }: GradientRules): void {
    this.estimate = Math.max(min, Math.min(max, estimate));
  }
}
