import { ConfigError } from '../core/errors.js';

interface Style {
  readonly first: string;
  readonly between: string;
  readonly named: boolean;
  /** What a name is followed by when its value is empty. */
  readonly empty: string;
  readonly reserved: boolean;
}
const style = (first: string, between: string, named = false, empty = '', reserved = false): Style => ({
  first,
  between,
  named,
  empty,
  reserved,
});

/** The operators of RFC 6570, levels 1 to 3. A fragment is never sent, so `#` is not among them. */
const STYLES: Readonly<Record<string, Style>> = {
  '': style('', ','),
  '+': style('', ',', false, '', true),
  '.': style('.', '.'),
  '/': style('/', '/'),
  ';': style(';', ';', true),
  '?': style('?', '&', true, '='),
  '&': style('&', '&', true, '='),
};

/** Percent-encodes all but the unreserved characters of RFC 3986. */
export function encode(text: string, field: string): string {
  try {
    return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  } catch {
    throw new ConfigError(field, 'holds half of a surrogate pair: it is not valid Unicode');
  }
}

function valueOf(values: Readonly<Record<string, unknown>>, name: string): string {
  const field = `path.${name}`;
  const value = Object.hasOwn(values, name) ? values[name] : undefined;
  if (value === undefined) throw new ConfigError(field, 'has no value: the template asks for it');
  if (typeof value !== 'string' && !(typeof value === 'number' && Number.isFinite(value))) {
    throw new ConfigError(field, 'must be a string or a finite number');
  }
  if (value === '' || value === '.' || value === '..') {
    throw new ConfigError(field, `${JSON.stringify(value)} would change which resource the path names`);
  }
  return String(value);
}

/** Percent-encodes all but the unreserved and the reserved characters. */
function encodeLoosely(text: string, field: string): string {
  encode(text, field); // refuses what is not valid Unicode
  return encodeURI(text);
}

function expand(expression: string, values: Readonly<Record<string, unknown>>, used: Set<string>): string {
  const parts = /^([+./;?&]?)([A-Za-z0-9_.%,:]+)$/.exec(expression);
  if (!parts) throw new ConfigError('path', `{${expression}} is not a template expression of RFC 6570, level 3`);
  const { first, between, named, empty, reserved } = STYLES[parts[1]!]!;
  const items = parts[2]!.split(',').map((variable) => {
    const [name = '', length] = variable.split(':');
    if (length !== undefined && !/^[1-9]\d{0,3}$/.test(length))
      throw new ConfigError('path', `{${expression}} has no length after its colon`);
    used.add(name);
    // By characters, as the RFC counts, and not through the middle of one.
    const whole = valueOf(values, name);
    const value = length === undefined ? whole : [...whole].slice(0, Number(length)).join('');
    const text = (reserved ? encodeLoosely : encode)(value, `path.${name}`);
    return named ? name + (value ? '=' : empty) + text : text;
  });
  return first + items.join(between);
}

/**
 * Fills a path template.
 *
 * @param values - one for each variable; one that is missing, unused, empty or a dot segment is refused
 * @see RFC 6570, levels 1 to 3, and the prefix modifier of level 4
 */
export function expandTemplate(template: string, values: Readonly<Record<string, unknown>>): string {
  if (typeof values !== 'object' || values === null) throw new ConfigError('path', 'values must be an object');
  const used = new Set<string>();
  const path = template.replace(/\{([^{}]*)\}/g, (_, expression: string) => expand(expression, values, used));
  for (const name of Object.keys(values)) {
    if (!used.has(name)) throw new ConfigError(`path.${name}`, `is not in the template ${JSON.stringify(template)}`);
  }
  return path;
}
