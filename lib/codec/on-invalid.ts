import { ConfigError } from '../core/errors.js';
import { readOptions } from '../core/options.js';
import type { OnInvalid } from './decoder.js';

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
