import { ConfigError } from '../core/errors.js';
import { must } from '../core/must.js';

/** Percent-encodes all but the unreserved characters of RFC 3986, or the reserved ones as well. */
export function encode(text: string, field: string, loosely = false): string {
  try {
    if (loosely) return encodeURI(text);
    return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  } catch {
    throw new ConfigError(field, 'holds half of a surrogate pair: it is not valid Unicode');
  }
}

function valueOf(values: Readonly<Record<string, unknown>>, name: string): string {
  const field = `path.${name}`;
  const value = Object.hasOwn(values, name) ? values[name] : undefined;
  if (value === undefined) throw new ConfigError(field, 'has no value: the template asks for it');
  must(typeof value === 'string' || Number.isFinite(value), field, 'a string or a finite number');
  if (/^\.{0,2}$/.test(String(value)))
    throw new ConfigError(field, `${JSON.stringify(value)} would change which resource the path names`);
  return String(value);
}

/** One expression: its operator says what stands before, between and in front of values. Values are never empty. */
function expand(expression: string, values: Readonly<Record<string, unknown>>, used: Set<string>): string {
  const [, operator, names] = /^([+./;?&]?)([\w.%,:]+)$/.exec(expression) ?? [];
  if (!names) throw new ConfigError('path', `{${expression}} is not a template expression of RFC 6570, level 3`);
  const first = operator === '+' ? '' : operator!;
  const items = names.split(',').map((variable) => {
    const [name = '', length] = variable.split(':');
    if (length !== undefined && !/^[1-9]\d{0,3}$/.test(length))
      throw new ConfigError('path', `{${expression}} has no length after its colon`);
    used.add(name);
    // By characters, as the RFC counts, and not through the middle of one.
    const value = [...valueOf(values, name)].slice(0, Number(length ?? Infinity)).join('');
    const text = encode(value, `path.${name}`, operator === '+');
    return /[;?&]/.test(first) ? `${name}=${text}` : text;
  });
  return first + items.join(first === '?' ? '&' : first || ',');
}

/**
 * Fills a path template.
 *
 * @param values - one for each variable; one that is missing, unused, empty or a dot segment is refused
 * @see RFC 6570, levels 1 to 3 but for fragments, which are never sent, and the prefix modifier of level 4
 */
export function expandTemplate(template: string, values: Readonly<Record<string, unknown>>): string {
  must(typeof values === 'object' && values !== null, 'path', 'an object of values');
  const used = new Set<string>();
  const path = template.replace(/\{([^{}]*)\}/g, (_, expression: string) => expand(expression, values, used));
  for (const name of Object.keys(values)) {
    if (!used.has(name)) throw new ConfigError(`path.${name}`, `is not in the template ${JSON.stringify(template)}`);
  }
  return path;
}
