import { type Clock, systemClock } from '../clock.js';
import { ConfigError } from '../errors.js';
import { atLeast, positiveWhole } from '../numbers.js';
import { readOptions } from '../options.js';
import type { Concurrency } from '../policy/limit-source.js';
import type { BatchLoad } from './batch.js';
import type { BatchRules } from './batches.js';
import { countedPlaces } from './counted-places.js';

/** How values are collected into batches. */
export interface BatchOptions<T> {
  /** Values in a batch at most. @defaultValue 100 */
  readonly maxCount?: number;
  /** Bytes in a batch at most; one value that is larger goes alone. Needs `bytesOf`. @defaultValue Infinity */
  readonly maxBytes?: number;
  /** The size of a value. */
  readonly bytesOf?: (value: T) => number;
  /**
   * How long a batch takes more after its first value. Unit: milliseconds.
   * @defaultValue until the code that runs now has run (a microtask)
   */
  readonly waitMs?: number;
  /** Batches that may run at once. @defaultValue 4 */
  readonly concurrency?: Concurrency;
  /** Where time comes from. @defaultValue the system's clock */
  readonly clock?: Clock;
}

const KEYS = ['maxCount', 'maxBytes', 'bytesOf', 'waitMs', 'concurrency', 'clock'];

/** @throws ConfigError when an option is wrong; `where` is who takes them */
export function readBatchRules<T, R>(
  load: BatchLoad<T, R>,
  options: BatchOptions<T> | undefined,
  where: string,
): BatchRules<T, R> {
  const given: BatchOptions<T> = readOptions(options, KEYS, where);
  const { waitMs, bytesOf } = given;
  if ((given.maxBytes === undefined) !== (bytesOf === undefined)) {
    throw new ConfigError(`${where}.maxBytes`, 'goes with bytesOf: give both, or neither');
  }
  const { clock = systemClock, concurrency = 4 } = given;
  return {
    load,
    maxCount: positiveWhole(given.maxCount ?? 100, `${where}.maxCount`),
    maxBytes: atLeast(1, given.maxBytes ?? Infinity, `${where}.maxBytes`),
    bytesOf: bytesOf ?? (() => 0),
    waitMs: waitMs === undefined ? undefined : atLeast(0, waitMs, `${where}.waitMs`),
    places: countedPlaces(concurrency, `${where}.concurrency`, clock),
    clock,
  };
}
