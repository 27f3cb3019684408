import { type Clock, systemClock } from '../clock.js';
import { type Concurrency, LiveLimit } from '../policy/limit-source.js';
import type { Outcome } from '../policy/outcome.js';

/** Settings common to all that runs calls side by side. */
export interface ConcurrencyOptions {
  /**
   * Values of the source that may be worked on at once: their calls run, or are done with results that have not left.
   * A positive whole number or `Infinity`; an Observable of such numbers, where 0 pauses; or a limit that adapts.
   * Lowering it stops nobody. @defaultValue 16
   */
  readonly concurrency?: Concurrency;
  /** Where time comes from; read only for a limit that adapts. @defaultValue the system's clock */
  readonly clock?: Clock;
}

/** The keys of {@link ConcurrencyOptions}. */
export const CONCURRENCY_KEYS = ['concurrency', 'clock'];

/** What notes when it took its place. */
interface Placed {
  sinceMs: number;
}

/** The places of one run: how many there may be now, and a count of the calls for limits that adapt. */
export class Places extends LiveLimit {
  readonly #clock: Clock;
  #running = 0;

  constructor(concurrency: Concurrency, field: string, clock: Clock) {
    super(concurrency, field);
    this.#clock = clock;
  }

  started(call: Placed): void {
    this.#running++;
    if (this.source) call.sinceMs = this.#clock.now();
  }

  /** Comes once for each call that was started. */
  ended(call: Placed, outcome: Outcome): void {
    this.source?.sample?.(this.#clock.now() - call.sinceMs, this.#running, outcome);
    this.#running--;
  }
}

/**
 * Reads the options that say how many may run.
 *
 * @returns makes the places of one run
 * @throws ConfigError when an option is wrong
 */
export function placesOf({ concurrency = 16, clock = systemClock }: ConcurrencyOptions, where: string): () => Places {
  const make = (): Places => new Places(concurrency, `${where}.concurrency`, clock);
  make();
  return make;
}
