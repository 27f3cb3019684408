import type { BreakerSettings, BreakerState } from './breaker-types.js';
import { RollingWindow } from './rolling-window.js';

// What the window counts.
const CALLS = 0;
const FAILURES = 1;
const SLOW = 2;
/** So many things. */
export const BREAKER_FIELDS = 3;
const BUCKETS = 10;

/** What a breaker counts: within its window, which decides, and ever. */
export class BreakerCounts extends RollingWindow {
  succeeded = 0;
  failed = 0;
  rejected = 0;

  constructor(windowMs: number) {
    super(windowMs, BUCKETS, BREAKER_FIELDS);
  }

  /** A call ended, whenever it began. */
  ended(failed: boolean): void {
    if (failed) this.failed++;
    else this.succeeded++;
  }

  /** Counts a call in the window. @returns whether too many have failed or were slow */
  exceeded(failed: boolean, slow: boolean, nowMs: number, settings: Required<BreakerSettings>): boolean {
    const bucket = this.advance(nowMs);
    this.add(CALLS, 1, bucket);
    if (failed) this.add(FAILURES, 1, bucket);
    if (slow) this.add(SLOW, 1, bucket);
    const calls = this.totals[CALLS]!;
    if (calls < settings.minCalls) return false;
    return this.totals[FAILURES]! / calls >= settings.failureRate || this.totals[SLOW]! / calls >= settings.slowRate;
  }

  read(nowMs: number): Omit<BreakerState, 'status' | 'probeAtMs'> {
    this.advance(nowMs);
    const { succeeded, failed, rejected, totals } = this;
    return { calls: totals[CALLS]!, failures: totals[FAILURES]!, slow: totals[SLOW]!, succeeded, failed, rejected };
  }
}
