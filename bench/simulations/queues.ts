import { type BulkheadOptions, createBulkhead, deadline, limitConcurrency, timeoutEach } from 'millrace/operators';

import { arrivals } from './engine/arrivals.ts';
import { Chance } from './engine/chance.ts';
import { Server } from './engine/server.ts';
import { quantile, Tally } from './engine/tally.ts';
import { VirtualClock } from './engine/virtual-clock.ts';

export interface QueueRow {
  readonly name: string;
  /** Calls answered within a second of their coming, per second of the burst. */
  readonly useful: number;
  readonly p99Ms: number;
  readonly perSecond: readonly number[];
}

const BURST = { fromS: 10, toS: 30 };
const PATIENCE_MS = 1000;
/** Nine in ten calls take less than `leastAttemptMs`. */
const leaving = { totalMs: PATIENCE_MS, leastAttemptMs: 230 };

type Line = Omit<BulkheadOptions, 'limit'>;

/** How callers wait, by the names of the plot. */
export const lines: Readonly<Record<string, { readonly line: Line; readonly leaves?: boolean }>> = {
  'first come, first served, no bound': { line: { maxWaiting: Infinity, queueMs: Infinity } },
  'first come, first served, 100 wait': { line: { maxWaiting: 100, queueMs: Infinity } },
  'callers leave, doomed calls do not start': { line: { maxWaiting: Infinity, queueMs: Infinity }, leaves: true },
  'adaptive LIFO and CoDel': { line: { maxWaiting: 1000, queueMs: PATIENCE_MS } },
};

/** 1 500 calls a second for twenty seconds, then 700, on a server that does 1 000; an answer is useful for a second. */
export function simulateQueue(seed: number, name: string, seconds = 60): QueueRow {
  const chance = new Chance(seed);
  const clock = new VirtualClock();
  const server = new Server({ clock, chance: chance.fork(), workers: 100, meanMs: 100 });
  const { line, leaves } = lines[name]!;
  const places = limitConcurrency<number>(createBulkhead({ limit: 100, ...line, clock }));
  const call = leaves
    ? server.call.pipe(timeoutEach({ attemptMs: PATIENCE_MS, clock }), places, deadline({ ...leaving, clock }))
    : server.call.pipe(places);
  const useful = new Tally();
  const times: number[] = [];
  const rate = (): number => (clock.elapsedMs >= BURST.fromS * 1000 && clock.elapsedMs < BURST.toS * 1000 ? 1500 : 700);
  arrivals(clock, chance.fork(), rate, () => {
    const fromMs = clock.elapsedMs;
    call.subscribe({
      next: () => {
        const tookMs = clock.elapsedMs - fromMs;
        if (tookMs > PATIENCE_MS) return;
        useful.add(clock.elapsedMs);
        if (fromMs >= BURST.fromS * 1000 && fromMs < BURST.toS * 1000) times.push(tookMs);
      },
      error: () => undefined,
    });
  });
  clock.runTo(seconds * 1000);
  return {
    name,
    // Its first second is still that of the time before.
    useful: useful.mean(BURST.fromS + 2, BURST.toS),
    p99Ms: quantile(times, 0.99),
    perSecond: useful.perSecond(seconds),
  };
}

export const queueBurst = BURST;
