import { type Clock, systemClock } from '../clock.js';
import { ConfigError } from '../errors.js';
import { atLeast, wholeFrom } from '../numbers.js';
import { readOptions } from '../options.js';
import type { Concurrency } from './limit-source.js';

/** What of a bulkhead may change while it is used. */
export interface BulkheadSettings {
  /** How many may run at once: a whole number from 1, an Observable of numbers (0 pauses), or a limit that adapts. */
  readonly limit?: Concurrency;
  /** How many may wait. A whole number from 0, or `Infinity`. @defaultValue twice the limit, as it is then */
  readonly maxWaiting?: number;
  /**
   * The longest a call waits for a place. With `Infinity` all are served in the order of their coming, and none has to
   * go because waits are long. Unit: milliseconds. @defaultValue 1 000
   */
  readonly queueMs?: number;
}

/** Settings for {@link createBulkhead}. */
export interface BulkheadOptions extends BulkheadSettings {
  readonly limit: Concurrency;
  /** What policy events call it. @defaultValue none */
  readonly name?: string;
  /** Where time comes from. @defaultValue the system's clock */
  readonly clock?: Clock;
}

/** How urgent a call is: 0 goes first. */
export type Priority = 0 | 1 | 2 | 3;

/** Where calls stand in line; see {@link limitConcurrency}. */
export interface PlaceOptions {
  /** How urgent they are: 0 goes first, 3 last, but never goes without. @defaultValue 1 */
  readonly priority?: Priority;
  /** Calls of one key, such as a tenant, take turns with those of others. @defaultValue one key for all */
  readonly key?: unknown;
  /** How much of the limit each takes. A whole number from 1. @defaultValue 1 */
  readonly cost?: number;
}

/** What a bulkhead allows and has seen. */
export interface BulkheadState {
  /** How many may run now; 0 while an Observable has said nothing yet. */
  readonly limit: number;
  readonly running: number;
  /** What those that run take of the limit: `running`, unless some have another `cost` than 1. */
  readonly used: number;
  readonly waiting: number;
  readonly started: number;
  /** Calls that were turned away, or given up so that others could wait. */
  readonly rejected: number;
  /** Calls whose wait took longer than `queueMs`. */
  readonly expired: number;
}

/** The options, read and checked, but for the limit. */
export interface BulkheadRules {
  readonly maxWaiting: number | undefined;
  readonly queueMs: number;
  readonly name: string | undefined;
  readonly clock: Clock;
}

const CHANGES = ['limit', 'maxWaiting', 'queueMs'];

/** @throws ConfigError naming the field that is wrong */
export function readBulkheadRules(options: BulkheadOptions): BulkheadRules & { readonly limit: Concurrency } {
  const where = 'createBulkhead';
  const given: Partial<BulkheadOptions> = readOptions(options, [...CHANGES, 'name', 'clock'], where);
  if (given.limit === undefined) throw new ConfigError(`${where}.limit`, 'say how many may run at once');
  const { name, clock = systemClock } = given;
  const bounds = checked(given, where, { maxWaiting: undefined, queueMs: 1000, name, clock });
  return { ...bounds, limit: given.limit };
}

/** @throws ConfigError naming the field that is wrong */
export function changedBulkheadRules(
  settings: BulkheadRules,
  changes: BulkheadSettings,
): BulkheadRules & { readonly limit: Concurrency | undefined } {
  const given: BulkheadSettings = readOptions(changes, CHANGES, 'configure');
  return { ...checked(given, 'configure', settings), limit: given.limit };
}

function checked(given: BulkheadSettings, where: string, before: BulkheadRules): BulkheadRules {
  const { maxWaiting = before.maxWaiting, queueMs = before.queueMs } = given;
  return {
    ...before,
    maxWaiting: maxWaiting === undefined ? undefined : wholeFrom(0, maxWaiting, `${where}.maxWaiting`),
    queueMs: atLeast(0, queueMs, `${where}.queueMs`),
  };
}
