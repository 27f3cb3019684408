import type { Clock } from '../../lib/core/clock.js';

/** A clock that a test turns by hand, and that knows which timers are set. */
export interface HandClock extends Clock {
  /** Lets time pass, and runs what becomes due, in order. */
  pass(ms: number): void;
  /** Timers that are set and have neither run nor been cancelled. */
  readonly pending: number;
}

export function handClock(startMs = 1_000_000): HandClock {
  const timers = new Set<{ readonly at: number; readonly run: () => void }>();
  let now = startMs;
  return {
    now: () => now,
    after(ms, run) {
      const timer = { at: now + Math.max(0, ms), run };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    pass(ms) {
      const end = now + ms;
      for (;;) {
        const due = [...timers].filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at)[0];
        if (!due) break;
        timers.delete(due);
        now = Math.max(now, due.at);
        due.run();
      }
      now = end;
    },
    get pending() {
      return timers.size;
    },
  };
}
