import { DecodeError } from '../core/answer-errors.js';
import { type ApiError, ConfigError } from '../core/errors.js';
import { readOptions } from '../core/options.js';
import type { OnInvalid } from './decoder.js';

/** Bad records remembered before a stream is given up. */
export const MOST_INVALID = 100;

const POLICIES: readonly unknown[] = ['fail', 'skip', 'collect'];

/**
 * Reads the options of a decoder of many values.
 *
 * @throws ConfigError when one is wrong
 */
export function readOnInvalid(options: unknown, where: string): OnInvalid {
  const { onInvalid = 'collect' } = readOptions(options, ['onInvalid'], where);
  if (!POLICIES.includes(onInvalid)) throw new ConfigError(`${where}.onInvalid`, "use 'fail', 'skip' or 'collect'");
  return onInvalid as OnInvalid;
}

/** The one error that tells of records that were left out; there is at least one. */
export function invalidRecords(errors: readonly ApiError[]): ApiError {
  const [first] = errors;
  if (errors.length === 1) return first!;
  const cause = new AggregateError(errors);
  return new DecodeError(`${errors.length} records cannot be used, the first: ${first!.message}`, 0, { cause });
}
