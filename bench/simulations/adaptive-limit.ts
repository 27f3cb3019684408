import {
  type Concurrency,
  createAdaptiveLimit,
  createBulkhead,
  limitConcurrency,
  timeoutEach,
} from 'millrace/operators';
import type { Clock } from 'millrace';

import { arrivals } from './engine/arrivals.ts';
import { Chance } from './engine/chance.ts';
import { Server } from './engine/server.ts';
import { quantile, Tally } from './engine/tally.ts';
import { VirtualClock } from './engine/virtual-clock.ts';

export interface PhaseRow {
  /** Calls answered in time per second. */
  readonly goodput: number;
  readonly p99Ms: number;
}

export interface LimitRow {
  readonly name: string;
  readonly phases: readonly PhaseRow[];
  /** Calls answered in time, second by second. */
  readonly perSecond: readonly number[];
}

const OFFERED = 600;
const PHASE_S = 60;
/** Workers of 50 ms each, phase by phase: 400, 200 and 800 calls a second. */
const WORKERS = [20, 10, 40];

/** Limits that are compared, by the names of the plot. */
export const limits: Readonly<Record<string, (clock: Clock) => Concurrency>> = {
  'no limit': () => Infinity,
  'fixed at 200': () => 200,
  'fixed at 20': () => 20,
  adaptive: (clock) => createAdaptiveLimit({ clock }),
};

/** A server whose capacity halves and doubles, behind a limit on concurrency; who finds no place is turned away. */
export function simulateLimit(seed: number, name: string): LimitRow {
  const chance = new Chance(seed);
  const clock = new VirtualClock();
  const server = new Server({ clock, chance: chance.fork(), workers: WORKERS[0]!, meanMs: 50 });
  const bulkhead = createBulkhead({ limit: limits[name]!(clock), maxWaiting: 0, clock });
  const call = server.call.pipe(timeoutEach({ attemptMs: 1000, clock }), limitConcurrency(bulkhead));
  const answered = new Tally();
  const times: number[][] = WORKERS.map(() => []);
  arrivals(clock, chance.fork(), OFFERED, () => {
    const fromMs = clock.elapsedMs;
    call.subscribe({
      next: () => {
        answered.add(fromMs);
        times[Math.floor(fromMs / (PHASE_S * 1000))]?.push(clock.elapsedMs - fromMs);
      },
      error: () => undefined,
    });
  });
  for (const [phase, workers] of WORKERS.entries()) {
    server.resize(workers);
    clock.runTo((phase + 1) * PHASE_S * 1000);
  }
  // The first third of a phase is for finding the limit.
  const phases = times.map((all, phase): PhaseRow => {
    const fromS = phase * PHASE_S + PHASE_S / 3;
    return {
      goodput: answered.mean(fromS, (phase + 1) * PHASE_S),
      p99Ms: quantile(all.slice(Math.floor(all.length / 3)), 0.99),
    };
  });
  return { name, phases, perSecond: answered.perSecond(WORKERS.length * PHASE_S) };
}
