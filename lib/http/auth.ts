import { defer, from, type ObservableInput, of, share, take, tap, throwIfEmpty } from 'rxjs';

import { ConfigError } from '../core/errors.js';
import { readOptions } from '../core/options.js';
import { type Auth, Credentials } from './credentials.js';
import { checkField } from './headers.js';
import { parseTarget } from './url.js';

/** Where a credential may go. */
export interface AuthOptions {
  /** Origins such as `https://api.example.com`. @defaultValue the origin of `baseUrl` */
  readonly origins?: readonly string[];
}

function readOrigins(origins: unknown): readonly string[] | undefined {
  if (origins === undefined) return undefined;
  if (!Array.isArray(origins)) throw new ConfigError('auth.origins', 'must be an array of origins');
  return origins.map((origin, i) => parseTarget(String(origin), `auth.origins[${i}]`).origin);
}

const LATIN1 = /^[\u0020-\u007e\u00a0-\u00ff]+$/;
const TEXT = /^\P{Cc}*$/u;

function checked(value: unknown, field: string, form = LATIN1): string {
  if (typeof value === 'string' && form.test(value)) return value;
  // The value is a secret: it is not shown.
  const what = form === LATIN1 ? 'text of Latin-1' : 'text';
  throw new ConfigError(field, `must be ${what} without line breaks and control characters`);
}

/** A credential that is what `value` says, bound to what the caller's options say. */
function fixed(name: string, value: string, origins: unknown, place: Auth['in'] = 'header'): Auth {
  const credentials = (all: readonly Auth[]): Credentials => new Credentials(all);
  return { name, in: place, origins: readOrigins(origins), value: () => value, fetch: undefined, credentials };
}

/**
 * Sends `Authorization: Bearer …`.
 *
 * @param token - the token, or a function that gets one: it runs when the first call needs it, and again after a
 *   401, once for all calls that wait; each of them then replays its request once
 */
export function bearer(token: string | (() => ObservableInput<string>), options?: AuthOptions): Auth {
  const { origins } = readOptions(options, ['origins'], 'bearer');
  const prefixed = (value: unknown): string => `Bearer ${checked(value, 'bearer token')}`;
  if (typeof token !== 'function') return fixed('authorization', prefixed(token), origins);
  let current: string | undefined;
  const renewal = defer(() => from(token())).pipe(
    take(1),
    throwIfEmpty(() => new ConfigError('bearer', 'the token function completed without a token')),
    tap((value) => {
      current = prefixed(value);
    }),
    share(),
  );
  return {
    ...fixed('authorization', '', origins),
    value: () => current ?? null,
    fetch: (stale) => (current !== undefined && current !== stale ? of(current) : renewal),
  };
}

/** Sends `Authorization: Basic …`, encoded as UTF-8 (RFC 7617). */
export function basic(user: string, password: string, options?: AuthOptions): Auth {
  const { origins } = readOptions(options, ['origins'], 'basic');
  if (checked(user, 'basic.user', TEXT).includes(':')) throw new ConfigError('basic.user', 'must not have a colon');
  const bytes = new TextEncoder().encode(`${user}:${checked(password, 'basic.password', TEXT)}`);
  return fixed('authorization', `Basic ${btoa(String.fromCharCode(...bytes))}`, origins);
}

/** Settings of {@link apiKey}. */
export interface ApiKeyOptions extends AuthOptions {
  /** @defaultValue 'header' */
  readonly in?: 'header' | 'query';
}

/** Sends a key as a header field or a query parameter of the given name. */
export function apiKey(name: string, value: string, options?: ApiKeyOptions): Auth {
  const { origins, in: place = 'header' } = readOptions(options, ['origins', 'in'], 'apiKey');
  if (place !== 'header' && place !== 'query') throw new ConfigError('apiKey.in', "must be 'header' or 'query'");
  const key = checked(value, 'apiKey.value');
  return fixed(place === 'query' ? checked(name, 'apiKey.name') : checkField(name, key, 'apiKey'), key, origins, place);
}

/** Settings of {@link xsrf}. */
export interface XsrfOptions {
  /** The cookie the server sets. @defaultValue 'XSRF-TOKEN' */
  readonly cookie?: string;
  /** The field it is echoed in. @defaultValue 'X-XSRF-TOKEN' */
  readonly header?: string;
}

interface Page {
  readonly document?: { readonly cookie: string };
  readonly location?: { readonly origin: string };
}

/** Cookies are percent-encoded by custom only: one that is not is meant as it stands. */
function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/** Echoes the page's XSRF cookie with calls that change something, to the page's own origin only. */
export function xsrf(options?: XsrfOptions): Auth {
  const read: XsrfOptions = readOptions(options, ['cookie', 'header'], 'xsrf');
  const { cookie = 'XSRF-TOKEN', header = 'X-XSRF-TOKEN' } = read;
  const page = globalThis as unknown as Page;
  return {
    ...fixed(checkField(header, '', 'xsrf.header'), '', undefined),
    origins: 'any',
    value(method, origin) {
      if (method === 'GET' || method === 'HEAD' || page.location?.origin !== origin) return undefined;
      for (const pair of page.document?.cookie.split(';') ?? []) {
        const [name = '', ...rest] = pair.trim().split('=');
        if (name === cookie) return checked(decoded(rest.join('=')), `cookie ${cookie}`);
      }
      return undefined;
    },
  };
}
