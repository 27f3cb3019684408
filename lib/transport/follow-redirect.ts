import { LimitError, RedirectError } from '../core/answer-errors.js';
import type { Head } from '../core/wire.js';
import type { Hop, RedirectRules } from './contract.js';

interface Parsed {
  readonly protocol: string;
  readonly origin: string;
  readonly pathname: string;
  readonly search: string;
  readonly username: string;
  readonly password: string;
}
const platform = globalThis as unknown as { readonly URL: new (url: string, base: string) => Parsed };

/** Fields that may follow a redirect to another origin. */
const SAFE = new Set('accept accept-language content-language content-type range user-agent'.split(' '));

/** The fields whose names are wanted. */
function fieldsOf(flat: readonly string[], wanted: (name: string) => boolean): readonly string[] {
  return flat.filter((_, i) => wanted(flat[i & ~1]!));
}

/** What is left of a caller's fields on another origin; without a body, nothing that describes one. */
export function safeHeaders(flat: readonly string[], withBody: boolean): readonly string[] {
  return fieldsOf(flat, (name) => SAFE.has(name) && (withBody || !name.startsWith('content-')));
}

/** Header fields are bytes, shown as Latin-1; in a location, those that are not ASCII are meant as UTF-8. */
function decoded(location: string): string {
  if (!/[\u0080-\u00ff]/.test(location) || /[^\0-\u00ff]/.test(location)) return location;
  return new TextDecoder().decode(Uint8Array.from(location, (letter) => letter.charCodeAt(0)));
}

function locationOf(head: Head): string | undefined {
  let location: string | undefined;
  for (const [name, value] of head.headers) {
    if (name.toLowerCase() !== 'location') continue;
    if (location !== undefined && location !== value) throw new RedirectError('the redirect names two locations');
    location = value;
  }
  return location;
}

function targetOf(location: string, { target }: Hop): Parsed {
  let to: Parsed;
  try {
    to = new platform.URL(decoded(location), target.origin + target.path);
  } catch {
    throw new RedirectError('the redirect names a location that is not a URL');
  }
  const { protocol, origin, username, password } = to;
  if (!/^https?:$/.test(protocol)) throw new RedirectError(`a redirect to ${protocol} is not followed`);
  if (protocol === 'http:' && target.origin.startsWith('https:')) {
    throw new RedirectError(`a redirect from https to http (${origin}) is not followed`);
  }
  if (username || password)
    throw new RedirectError(`a redirect with a user name or password (${origin}) is not followed`);
  return to;
}

/**
 * The request that a redirect asks for. Comes with transports that show redirects, as their `follow`: programs whose
 * platform follows them unseen, as browsers do, are not burdened with it.
 *
 * @param hops - redirects followed so far in this attempt
 * @returns `undefined` when the answer is not a redirect, or is to be handed up as it is
 * @throws RedirectError when following could leak or loop; LimitError after `limits.redirects`
 * @see the Fetch standard, "HTTP-redirect fetch", for how the method changes; 300, 304 and 305 ask for nothing
 */
export function followRedirect(rules: RedirectRules, hop: Hop, head: Head, hops: number): Hop | undefined {
  const { status } = head;
  if (![301, 302, 303, 307, 308].includes(status) || rules.redirects === 'manual') return undefined;
  const location = locationOf(head);
  if (location === undefined) return undefined;
  if (rules.redirects === 'error') throw new RedirectError(`a ${status} redirect, and redirects: 'error' refuses it`);
  const most = rules.limits.redirects;
  if (hops >= most) throw new LimitError('redirects', most, 'redirected again and again');
  const { origin, pathname, search } = targetOf(location, hop);
  const crosses = origin !== hop.target.origin;
  const toGet = status === 303 ? hop.method !== 'HEAD' && hop.method !== 'GET' : status < 303 && hop.method === 'POST';
  const withBody = hop.withBody && !toGet;
  if (withBody && rules.once)
    throw new RedirectError('the redirect asks for the body again, and it can be read only once');
  if (withBody && crosses)
    throw new RedirectError(`the redirect would carry the body to ${origin}: call that origin by name`);
  const kept = toGet ? fieldsOf(hop.headers, (name) => !name.startsWith('content-')) : hop.headers;
  return {
    method: toGet ? 'GET' : hop.method,
    target: { origin, path: pathname + search },
    headers: crosses ? safeHeaders(kept, withBody) : kept,
    withBody,
  };
}
