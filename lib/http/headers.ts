import { ConfigError } from '../core/errors.js';
import { must } from '../core/must.js';
import { eachPair } from './pairs.js';

/** Header fields to send: names in lower case and values by turns. */
export type FlatHeaders = readonly string[];

/** What names of fields and methods are made of. */
export const TOKEN: RegExp = /^[\w!#$%&'*+.^`|~-]+$/;
// oxlint-disable-next-line no-control-regex -- control characters are what it refuses
const VALUE = /^[\t\u0020-\u007e\u0080-\u00ff]*$/;

/** Fields that belong to the connection or the transport: setting them by hand could smuggle a second request. */
const OWNED = new Set(
  'connection content-length expect host keep-alive proxy-authorization proxy-connection te trailer transfer-encoding upgrade'.split(
    ' ',
  ),
);

/** Whether the transport alone may set a field. */
export function isOwned(name: string): boolean {
  return OWNED.has(name);
}

/** Checks one field and gives its name in lower case. */
export function checkField(name: string, value: string, where: string): string {
  if (typeof name !== 'string' || !TOKEN.test(name)) {
    throw new ConfigError(where, `${JSON.stringify(String(name).slice(0, 100))} is not a header field name`);
  }
  const lower = name.toLowerCase();
  const field = `${where}.${lower}`;
  if (isOwned(lower)) throw new ConfigError(field, 'is set by the transport: leave it out');
  if (!VALUE.test(value)) {
    throw new ConfigError(field, 'has a line break, a control character or one outside Latin-1: encode it');
  }
  return lower;
}

/** Reads a caller's fields into flat, checked, lower-case form. */
export function readHeaders(input: unknown, where: string): string[] {
  const flat: string[] = [];
  if (input === undefined) return flat;
  eachPair(input, where, (name, value, field) => {
    must(typeof value === 'string' || typeof value === 'number', field, 'a string or a number');
    const text = String(value).trim();
    flat.push(checkField(name, text, where), text);
  });
  return flat;
}

/** The value of a field, or `undefined`. */
export function findHeader(flat: FlatHeaders, name: string): string | undefined {
  for (let i = 0; i < flat.length; i += 2) if (flat[i] === name) return flat[i + 1];
  return undefined;
}

/** `over` on top of `under`: fields of `over` replace those of the same name. */
export function mergeHeaders(under: FlatHeaders, over: FlatHeaders): FlatHeaders {
  if (over.length === 0) return under;
  const merged: string[] = [];
  for (let i = 0; i < under.length; i += 2) {
    if (findHeader(over, under[i]!) === undefined) merged.push(under[i]!, under[i + 1]!);
  }
  return merged.concat(over);
}

/** Fields without those that others hold with the same value: a client's own, on an origin that they are not for. */
export function withoutHeaders(flat: FlatHeaders, others: FlatHeaders): FlatHeaders {
  const held = (name: string, value: string): boolean =>
    others.some((one, i) => one === value && i % 2 === 1 && others[i - 1] === name);
  return flat.filter((_, i) => !held(flat[i & ~1]!, flat[i | 1]!));
}

/** As a record, for layers. */
export function headersRecord(flat: FlatHeaders): Readonly<Record<string, string>> {
  const record = Object.create(null) as Record<string, string>;
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i]!;
    record[name] = name in record ? `${record[name]}, ${flat[i + 1]}` : flat[i + 1]!;
  }
  return record;
}
