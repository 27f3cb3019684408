import { ConfigError } from '../core/errors.js';
import { encode } from './template.js';
import type { QueryInput } from './types.js';

function scalar(value: unknown, field: string): string {
  switch (typeof value) {
    case 'string':
      return encode(value, field);
    case 'boolean':
    case 'bigint':
      return String(value);
    case 'number':
      if (Number.isFinite(value)) return encode(String(value), field);
      throw new ConfigError(field, `is ${value}: pass a finite number, or undefined to leave it out`);
    default:
      if (value instanceof Date && !Number.isNaN(value.getTime())) return encode(value.toISOString(), field);
      throw new ConfigError(
        field,
        `cannot be written into a query: pass a string, number, boolean, Date or an array of them`,
      );
  }
}

/** Writes a query without its `?`; empty when there is nothing to write. */
export function writeQuery(query: QueryInput): string {
  if (
    typeof query !== 'object' ||
    query === null ||
    (Array.isArray(query) && query.some((pair) => !Array.isArray(pair)))
  ) {
    throw new ConfigError('query', 'must be an object of values, or pairs such as URLSearchParams gives');
  }
  const pairs: Iterable<readonly [string, unknown]> =
    Symbol.iterator in query ? (query as Iterable<readonly [string, string]>) : Object.entries(query);
  let text = '';
  for (const [key, value] of pairs) {
    const field = `query.${key}`;
    for (const item of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (item === undefined || item === null) continue;
      text += `${text && '&'}${encode(key, field)}=${scalar(item, field)}`;
    }
  }
  return text;
}
