import type { Clock } from '../clock.js';
import type { Concurrency } from '../policy/limit-source.js';
import { Places } from './places.js';

/** Places that are taken one by one, and counted: those who take them are not counted elsewhere. */
export class CountedPlaces extends Places {
  taken = 0;

  get isFree(): boolean {
    return this.taken < this.now;
  }

  take(call: { sinceMs: number }): void {
    this.taken++;
    this.started(call);
  }

  give(): void {
    this.taken--;
  }
}

/**
 * Makes the places of one run.
 *
 * @throws ConfigError at once when the limit is none
 */
export function countedPlaces(concurrency: Concurrency, field: string, clock: Clock): () => CountedPlaces {
  const make = (): CountedPlaces => new CountedPlaces(concurrency, field, clock);
  make();
  return make;
}
