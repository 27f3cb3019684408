import { ConfigError } from '../errors.js';
import { readOptions } from '../options.js';

<<<<<<< HEAD
/** What every snapshot begins with; the number changes when an older program could not read it. */
export interface Versioned {
  readonly version: 1;
}

=======
>>>>>>> w-limit
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
