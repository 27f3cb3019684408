import { ConfigError } from '../errors.js';
import { readOptions } from '../options.js';

/**
 * Reads what a `snapshot()` gave, perhaps in another process, through JSON, by an older version.
 *
 * @param keys - its members besides `version`
 * @throws ConfigError when it is no such object; what its members hold is for the caller to check
 */
export function readSnapshot(
  input: unknown,
  keys: readonly string[],
  where: string,
): Readonly<Record<string, unknown>> {
  const read = readOptions(input, ['version', ...keys], where);
  if (read['version'] === 1) return read;
  throw new ConfigError(`${where}.version`, `must be 1, not ${String(read['version'])}: give what snapshot() returned`);
}
