import { LimitError, RedirectError } from '../core/answer-errors.js';
import type { Head } from '../core/wire.js';
import { safeHeaders, withoutBodyHeaders } from './headers.js';
import type { Hop } from './hop.js';
import type { Plan } from './plan.js';
import { resolveLocation } from './url.js';

/** Header fields are bytes, shown as Latin-1; in a location, those that are not ASCII are meant as UTF-8. */
function decoded(location: string): string {
  if (!/[\u0080-\u00ff]/.test(location) || /[^\0-\u00ff]/.test(location)) return location;
  return new TextDecoder().decode(Uint8Array.from(location, (letter) => letter.charCodeAt(0)));
}

/** Whether a status asks for another request; 300, 304 and 305 do not. */
function isRedirect(status: number): boolean {
  return status === 301 || status === 302 || status === 303 || status === 307 || status === 308;
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

/**
 * The request that a redirect asks for.
 *
 * @param hops - redirects followed so far in this attempt
 * @returns `undefined` when the answer is not a redirect, or is to be handed up as it is
 * @throws RedirectError when following could leak or loop; LimitError after `limits.redirects`
 * @see the Fetch standard, "HTTP-redirect fetch", for how the method changes
 */
export function nextHop(plan: Plan, hop: Hop, head: Head, hops: number): Hop | undefined {
  if (!isRedirect(head.status) || plan.redirects === 'manual') return undefined;
  const location = locationOf(head);
  if (location === undefined) return undefined;
  if (plan.redirects === 'error')
    throw new RedirectError(`a ${head.status} redirect, and redirects: 'error' refuses it`);
  if (hops >= plan.limits.redirects)
    throw new LimitError('redirects', plan.limits.redirects, 'redirected again and again');
  const to = resolveLocation(decoded(location), hop.target);
  if (!to) throw new RedirectError('the redirect names a location that is not a URL');
  if (!/^https?:$/.test(to.protocol)) throw new RedirectError(`a redirect to ${to.protocol} is not followed`);
  if (to.protocol === 'http:' && hop.target.origin.startsWith('https:')) {
    throw new RedirectError(`a redirect from https to http (${to.origin}) is not followed`);
  }
  if (to.userinfo) throw new RedirectError(`a redirect with a user name or password (${to.origin}) is not followed`);
  const crosses = to.origin !== hop.target.origin;
  const toGet =
    head.status === 303 ? hop.method !== 'HEAD' && hop.method !== 'GET' : head.status < 303 && hop.method === 'POST';
  const withBody = hop.withBody && !toGet;
  if (withBody && plan.once)
    throw new RedirectError('the redirect asks for the body again, and it can be read only once');
  if (withBody && crosses)
    throw new RedirectError(`the redirect would carry the body to ${to.origin}: call that origin by name`);
  const kept = toGet ? withoutBodyHeaders(hop.headers) : hop.headers;
  return {
    method: toGet ? 'GET' : hop.method,
    target: { origin: to.origin, path: to.path },
    headers: crosses ? safeHeaders(kept, withBody) : kept,
    withBody,
  };
}

/** Checks where a platform ended up that follows redirects by itself. */
export function checkFinalUrl(hop: Hop, url: string | undefined): void {
  if (!url) return;
  const to = resolveLocation(url, hop.target);
  const downgraded = to?.protocol === 'http:' && hop.target.origin.startsWith('https:');
  if (!to || !/^https?:$/.test(to.protocol) || downgraded) {
    throw new RedirectError(`the platform followed a redirect to ${to?.origin ?? url}, which is refused`);
  }
}
