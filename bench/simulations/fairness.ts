import { createBulkhead, limitConcurrency } from 'millrace/operators';

import { arrivals } from './engine/arrivals.ts';
import { Chance } from './engine/chance.ts';
import { Server } from './engine/server.ts';
import { quantile } from './engine/tally.ts';
import { VirtualClock } from './engine/virtual-clock.ts';

export interface FairnessRow {
  readonly name: string;
  /** Shares of calls that were answered. */
  readonly lightServed: number;
  readonly heavyServed: number;
  readonly lightP50Ms: number;
  /** How long calls of the light tenants took, sorted. Unit: milliseconds. */
  readonly lightMs: readonly number[];
}

const HEAVY = 1400;
const LIGHT = 20;
const TENANTS = 4;

/** One tenant sends 1 400 calls a second and four send 20 each, to a server that does 1 000; 500 may wait. */
export function simulateFairness(seed: number, fair: boolean, seconds = 60): FairnessRow {
  const chance = new Chance(seed);
  const clock = new VirtualClock();
  const server = new Server({ clock, chance: chance.fork(), workers: 100, meanMs: 100 });
  const bulkhead = createBulkhead({ limit: 100, maxWaiting: 500, queueMs: Infinity, clock });
  const counts = { light: 0, lightServed: 0, heavy: 0, heavyServed: 0 };
  const lightMs: number[] = [];
  for (let tenant = 0; tenant <= TENANTS; tenant++) {
    const kind = tenant === 0 ? 'heavy' : 'light';
    const call = server.call.pipe(limitConcurrency(bulkhead, fair ? { key: tenant } : {}));
    arrivals(clock, chance.fork(), tenant === 0 ? HEAVY : LIGHT, () => {
      const fromMs = clock.elapsedMs;
      counts[kind]++;
      call.subscribe({
        next: () => {
          counts[`${kind}Served`]++;
          if (kind === 'light') lightMs.push(clock.elapsedMs - fromMs);
        },
        error: () => undefined,
      });
    });
  }
  clock.runTo(seconds * 1000);
  return {
    name: fair ? 'a line for each tenant' : 'one line for all',
    lightServed: counts.lightServed / counts.light,
    heavyServed: counts.heavyServed / counts.heavy,
    lightP50Ms: quantile(lightMs, 0.5),
    lightMs: lightMs.toSorted((a, b) => a - b),
  };
}
