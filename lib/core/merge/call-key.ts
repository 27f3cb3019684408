import { ConfigError } from '../errors.js';
import { isPlain } from '../options.js';

/** What calls are told apart by. Lists and records are compared by what is in them, to any depth. */
export type CallKey =
  | string
  | number
  | bigint
  | boolean
  | null
  | undefined
  | readonly CallKey[]
  | { readonly [part: string]: CallKey };

/**
 * Makes of a key something that a `Map` tells apart: equal for keys of the same content, and for no others.
 *
 * @throws ConfigError for a key whose content cannot be compared, such as a `Date` or a function
 */
export function comparable(key: CallKey, field: string): unknown {
  // Texts that begin like a written list, record or text are written too: nobody may choose a text that equals the
  // key of another identity.
  const isWritten = typeof key === 'string' ? /^[[{"]/.test(key) : !isSimple(key);
  return isWritten ? written(key, field) : key;
}

function isSimple(key: unknown): boolean {
  return key == null || typeof key === 'number' || typeof key === 'bigint' || typeof key === 'boolean';
}

function written(key: CallKey, field: string): string {
  if (typeof key === 'string') return JSON.stringify(key);
  if (typeof key === 'bigint') return `${key}n`;
  if (isSimple(key)) return String(key);
  if (Array.isArray(key)) return `[${Array.from(key as readonly CallKey[], (part) => written(part, field)).join()}]`;
  if (!isPlain(key)) {
    const what = typeof key === 'object' ? `a value of class ${key?.constructor?.name}` : `a ${typeof key}`;
    throw new ConfigError(
      field,
      `must give text, numbers, lists or plain records, not ${what}: give its text or number`,
    );
  }
  const record = key as Readonly<Record<string, CallKey>>;
  const names = Object.keys(record).filter((name) => record[name] !== undefined);
  names.sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${written(record[name], field)}`).join()}}`;
}
