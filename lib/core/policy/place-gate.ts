import { ConfigError } from '../errors.js';
import { readOptions } from '../options.js';
import type { BulkheadGate } from './bulkhead-gate.js';
import type { PlaceOptions } from './bulkhead-settings.js';
import type { Outcome } from './outcome.js';
import type { Gate, Permit } from './permit.js';
import type { Place } from './waiting-room.js';

/** The door of a bulkhead for calls that stand in one place of the line. */
export class PlaceGate implements Gate {
  readonly #bulkhead: BulkheadGate;
  readonly #place: Place;

  /** @throws ConfigError naming the field that is wrong */
  constructor(bulkhead: BulkheadGate, options: PlaceOptions, where: string) {
    const given: PlaceOptions = readOptions(options, ['priority', 'key', 'cost'], where);
    const { priority = 1, key, cost = 1 } = given;
    if (![0, 1, 2, 3].includes(priority)) {
      throw new ConfigError(`${where}.priority`, `must be 0, 1, 2 or 3, not ${String(priority)}`);
    }
    if (!Number.isSafeInteger(cost) || cost < 1) {
      throw new ConfigError(`${where}.cost`, `must be a whole number from 1, not ${String(cost)}`);
    }
    this.#bulkhead = bulkhead;
    this.#place = { priority, key, cost };
  }

  enter(permit: Permit): void {
    this.#bulkhead.enter(permit, this.#place);
  }

  abandon(permit: Permit): void {
    this.#bulkhead.abandon(permit, this.#place);
  }

  leave(permit: Permit, outcome: Outcome): void {
    this.#bulkhead.leave(permit, outcome);
  }

  expired(permit: Permit): void {
    this.#bulkhead.expire(permit, this.#place);
  }
}
