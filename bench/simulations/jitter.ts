import { type Backoff, NetworkError } from 'millrace';
import { retryBackoff } from 'millrace/operators';
import { Observable } from 'rxjs';

import { Chance } from './engine/chance.ts';
import { VirtualClock } from './engine/virtual-clock.ts';

export interface JitterRow {
  readonly name: string;
  readonly clients: number;
  /** Until the last client has written, the mean of all runs. */
  readonly timeMs: number;
  /** Writes tried, the mean of all runs. */
  readonly calls: number;
}

const BASE_MS = 5;
const CAP_MS = 2000;

const ceiling = (retry: number): number => Math.min(CAP_MS, BASE_MS * 2 ** Math.min(retry, 40));

/** The formulae that the AWS article compares; the waits of `decorrelated` depend on the wait before. */
const formulae: Readonly<Record<string, () => Backoff>> = {
  'no backoff': () => () => 0,
  'exponential, no jitter': () => (_error, retry) => ceiling(retry),
  'equal jitter': () => (_error, retry, random) => ceiling(retry) / 2 + (random() * ceiling(retry)) / 2,
  'full jitter': () => (_error, retry, random) => random() * ceiling(retry),
  'decorrelated jitter': () => {
    let lastMs = BASE_MS;
    return (_error, _retry, random) => (lastMs = Math.min(CAP_MS, BASE_MS + random() * (lastMs * 3 - BASE_MS)));
  },
};

/** A row that clients change by optimistic concurrency: read it, write it, and start over when another was faster. */
function contend(clients: number, backoff: () => Backoff, chance: Chance): { timeMs: number; calls: number } {
  const clock = new VirtualClock();
  let version = 0;
  let calls = 0;
  let lastMs = 0;
  const travel = (run: () => void): void => void clock.after(Math.max(0, chance.normal(10, 2)), run);
  const update = new Observable<number>((subscriber) => {
    const write = (seen: number): void => {
      calls++;
      const wins = seen === version;
      if (wins) version++;
      travel(() => {
        if (!wins) return subscriber.error(new NetworkError('another client was faster', 'send'));
        subscriber.next(seen);
        subscriber.complete();
      });
    };
    travel(() => {
      const seen = version;
      travel(() => travel(() => write(seen)));
    });
  });
  for (let i = 0; i < clients; i++) {
    const random = chance.fork().uniform;
    update.pipe(retryBackoff({ attempts: Infinity, backoff: backoff(), clock, random })).subscribe({
      complete: () => (lastMs = clock.elapsedMs),
    });
  }
  clock.runTo(Infinity);
  return { timeMs: lastMs, calls };
}

/** Marc Brooker, "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015), with the real `retryBackoff`. */
export function simulateJitter(seed: number, runs: number, clients: readonly number[]): JitterRow[] {
  const chance = new Chance(seed);
  return clients.flatMap((count) =>
    Object.entries(formulae).map(([name, backoff]) => {
      const all = Array.from({ length: runs }, () => contend(count, backoff, chance.fork()));
      const mean = (of: 'timeMs' | 'calls'): number => all.reduce((sum, one) => sum + one[of], 0) / runs;
      return { name, clients: count, timeMs: mean('timeMs'), calls: mean('calls') };
    }),
  );
}
