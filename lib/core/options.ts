import { ConfigError } from './errors.js';

/** Edits that turn one word into the other: inserting, dropping or replacing a letter. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length]!;
}

function nearest(key: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = Math.min(3, Math.ceil(key.length / 2)) + 1;
  for (const name of known) {
    if (Math.abs(name.length - key.length) >= least) continue;
    const edits = distance(key.toLowerCase(), name.toLowerCase());
    if (edits < least) [best, least] = [name, edits];
  }
  return best;
}

function unknownKey(key: string, known: readonly string[], where: string): ConfigError {
  const near = nearest(key, known);
  const fix = near === undefined ? `known are ${known.join(', ')}` : `did you mean "${near}"?`;
  return new ConfigError(`${where}.${key}`, `unknown option; ${fix}`);
}

/** Whether a value is what `{}` or `Object.create(null)` makes, in this realm or another. */
function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/**
 * Reads options once: own enumerable members with string keys only, so that neither a polluted prototype nor a later
 * change can reach in. Getters run once; a member that is `undefined` counts as absent.
 *
 * @param input - a plain object, or `undefined` for none
 * @param known - the keys there are
 * @param where - the path that errors name: `createApi`, `timeouts`
 * @returns a frozen record without a prototype
 * @throws ConfigError when the input is not a plain object, or has a key that is not known; it names the nearest one
 */
export function readOptions(
  input: unknown,
  known: readonly string[],
  where: string,
): Readonly<Record<string, unknown>> {
  const record = Object.create(null) as Record<string, unknown>;
  if (input !== undefined) {
    if (!isPlain(input)) throw new ConfigError(where, 'options must be a plain object');
    for (const key of Object.keys(input)) {
      if (!known.includes(key)) throw unknownKey(key, known, where);
      const value = input[key];
      if (value !== undefined) record[key] = value;
    }
  }
  return Object.freeze(record);
}
