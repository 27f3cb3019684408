import { defer, from, type Observable, type ObservableInput, of, share, take, tap, throwIfEmpty } from 'rxjs';

import { ConfigError } from '../core/errors.js';
import { parseTarget } from './url.js';

/** A credential bound to origins. Made by {@link bearer}, {@link basic}, {@link apiKey} and {@link xsrf}. */
export interface Auth {
  /** The header field (in lower case) or query parameter it sets. */
  readonly name: string;
  readonly in: 'header' | 'query';
  /** The origins it may be sent to; the origin of `baseUrl` when left out; `any` where `value` decides. */
  readonly origins: readonly string[] | 'any' | undefined;
  /** What to send on a hop; `undefined` sends nothing, `null` means that it must be fetched first. */
  value(method: string, origin: string): string | null | undefined;
  /** Fetches a value once for all that wait: the first one, or one to replace `stale`. */
  fetch?(stale: string | undefined): Observable<unknown>;
}

/** Where a credential may go. */
export interface AuthOptions {
  /** Origins such as `https://api.example.com`. @defaultValue the origin of `baseUrl` */
  readonly origins?: readonly string[];
}

function readOrigins(options: AuthOptions): readonly string[] | undefined {
  return options.origins?.map((origin, i) => parseTarget(origin, `auth.origins[${i}]`).origin);
}

const SAFE_VALUE = /^[\u0020-\u007e\u0080-\u00ff]+$/;

function checked(value: unknown, field: string): string {
  if (typeof value === 'string' && SAFE_VALUE.test(value)) return value;
  // The value is a secret: it is not shown.
  throw new ConfigError(field, 'must be text of Latin-1 without line breaks and control characters');
}

function fixed(name: string, value: string, options: AuthOptions, place: Auth['in'] = 'header'): Auth {
  return { name, in: place, origins: readOrigins(options), value: () => value };
}

/**
 * Sends `Authorization: Bearer …`.
 *
 * @param token - the token, or a function that gets one: it runs when the first call needs it, and again after a
 *   401, once for all calls that wait; each of them then replays its request once
 */
export function bearer(token: string | (() => ObservableInput<string>), options: AuthOptions = {}): Auth {
  const prefixed = (value: unknown): string => `Bearer ${checked(value, 'bearer token')}`;
  if (typeof token === 'string') return fixed('authorization', prefixed(token), options);
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
    ...fixed('authorization', '', options),
    value: () => current ?? null,
    fetch: (stale) => (current !== undefined && current !== stale ? of(current) : renewal),
  };
}

/** Sends `Authorization: Basic …`, encoded as UTF-8 (RFC 7617). */
export function basic(user: string, password: string, options: AuthOptions = {}): Auth {
  if (user.includes(':')) throw new ConfigError('basic.user', 'must not have a colon');
  const bytes = new TextEncoder().encode(`${user}:${password}`);
  return fixed('authorization', `Basic ${btoa(String.fromCharCode(...bytes))}`, options);
}

/** Settings of {@link apiKey}. */
export interface ApiKeyOptions extends AuthOptions {
  /** @defaultValue 'header' */
  readonly in?: 'header' | 'query';
}

/** Sends a key as a header field or a query parameter of the given name. */
export function apiKey(name: string, value: string, options: ApiKeyOptions = {}): Auth {
  const place = options.in ?? 'header';
  return fixed(place === 'header' ? name.toLowerCase() : name, checked(value, `apiKey ${name}`), options, place);
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

/** Echoes the page's XSRF cookie with calls that change something, to the page's own origin only. */
export function xsrf(options: XsrfOptions = {}): Auth {
  const { cookie = 'XSRF-TOKEN', header = 'X-XSRF-TOKEN' } = options;
  const page = globalThis as unknown as Page;
  return {
    ...fixed(header.toLowerCase(), '', {}),
    origins: 'any',
    value(method, origin) {
      if (method === 'GET' || method === 'HEAD' || page.location?.origin !== origin) return undefined;
      for (const pair of page.document?.cookie.split(';') ?? []) {
        const [name = '', ...rest] = pair.trim().split('=');
        if (name === cookie) return checked(decodeURIComponent(rest.join('=')), `cookie ${cookie}`);
      }
      return undefined;
    },
  };
}
