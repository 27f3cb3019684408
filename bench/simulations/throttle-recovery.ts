import { createThrottle, throttleClient } from 'millrace/operators';

import { arrivals } from './engine/arrivals.ts';
import { Chance } from './engine/chance.ts';
import { Server } from './engine/server.ts';
import { Tally } from './engine/tally.ts';
import { VirtualClock } from './engine/virtual-clock.ts';

export interface RecoveryRow {
  readonly name: string;
  /** Seconds from the end of the outage until 95 % of calls succeed. */
  readonly recoveredAfterS: number;
  /** The share of calls that succeeded, five seconds by five. */
  readonly goodput: readonly number[];
}

const OUTAGE = { fromS: 60, toS: 240 };
const STEP_S = 5;

interface Shape {
  readonly maxRejection: number;
  readonly windowMs: number;
}

/** Caps and windows that are compared, by the names of the plot. */
export const shapes: Readonly<Record<string, Shape>> = {
  'no cap, 120 s': { maxRejection: 1, windowMs: 120_000 },
  'cap 0.9, 120 s': { maxRejection: 0.9, windowMs: 120_000 },
  'cap 0.9, 30 s (ours)': { maxRejection: 0.9, windowMs: 30_000 },
  'cap 0.75, 30 s': { maxRejection: 0.75, windowMs: 30_000 },
};

/** A server is away for three minutes; how long does a client that has learnt to spare it go on to do so? */
export function simulateRecovery(seed: number, name: string, seconds = 1200): RecoveryRow {
  const chance = new Chance(seed);
  const clock = new VirtualClock();
  const server = new Server({ clock, chance: chance.fork(), workers: 50, meanMs: 50 });
  const throttle = createThrottle({ ...shapes[name]!, clock, random: chance.fork().uniform });
  const call = server.call.pipe(throttleClient(throttle));
  const made = new Tally();
  const succeeded = new Tally();
  arrivals(clock, chance.fork(), 100, () => {
    const atMs = clock.elapsedMs;
    made.add(atMs / STEP_S);
    call.subscribe({ next: () => succeeded.add(atMs / STEP_S), error: () => undefined });
  });
  clock.after(OUTAGE.fromS * 1000, () => (server.down = true));
  clock.after(OUTAGE.toS * 1000, () => (server.down = false));
  clock.runTo(seconds * 1000);
  const steps = seconds / STEP_S;
  const all = made.perSecond(steps);
  const goodput = succeeded.perSecond(steps).map((count, step) => count / all[step]!);
  // The last step may have calls under way.
  const lastBad = goodput.slice(0, -1).findLastIndex((share) => share < 0.95);
  const recoveredAfterS = lastBad === steps - 2 ? Infinity : (lastBad + 1) * STEP_S - OUTAGE.toS;
  return { name, recoveredAfterS, goodput };
}

export const outage = OUTAGE;
