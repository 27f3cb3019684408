import { must } from '../core/must.js';

/**
 * Reads an object of values, or pairs of name and value; a value that is an array counts as several.
 *
 * @param each - is given every value but `undefined`, with its field for errors
 */
export function eachPair(
  input: unknown,
  where: string,
  each: (name: string, value: unknown, field: string) => void,
): void {
  const be = 'an object of values, or pairs of name and value';
  must(typeof input === 'object' && input !== null, where, be);
  const pairs = Symbol.iterator in (input as object) ? (input as Iterable<unknown>) : Object.entries(input as object);
  for (const pair of pairs) {
    must(Array.isArray(pair) && pair.length === 2, where, be);
    const [key, value] = pair as [unknown, unknown];
    const name = String(key);
    for (const item of Array.isArray(value) ? (value as unknown[]) : [value])
      if (item !== undefined) each(name, item, `${where}.${name}`);
  }
}
