import { must } from '../core/must.js';
import { eachPair } from './pairs.js';
import { encode } from './template.js';
import type { QueryInput } from './types.js';

const TYPES = /^(string|boolean|bigint|number)$/;

/** Writes a query without its `?`; empty when there is nothing to write. */
export function writeQuery(query: QueryInput): string {
  let text = '';
  eachPair(query, 'query', (name, value, field) => {
    if (value === null) return;
    // A date that is none has no time.
    const isDate = value instanceof Date && Number.isFinite(Number(value));
    const isFit = isDate || (TYPES.test(typeof value) && (typeof value !== 'number' || Number.isFinite(value)));
    must(isFit, field, 'a string, finite number, boolean, Date or an array of them; undefined leaves it out');
    text += `${text && '&'}${encode(name, field)}=${encode(isDate ? value.toISOString() : String(value), field)}`;
  });
  return text;
}
