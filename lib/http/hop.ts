import { LimitError, RedirectError } from '../core/answer-errors.js';
import { ConfigError } from '../core/errors.js';
import type { Head } from '../core/wire.js';
import type { Capabilities, Hop, TransportBody, TransportRequest } from '../transport/contract.js';
import { type Payload, readBody } from './body.js';
import type { AuthorisedHop } from './credentials.js';
import { findHeader } from './headers.js';
import type { Plan } from './plan.js';
import type { Receiver } from './receiver.js';
import { redactUrl } from './summary.js';

/** Bodies above this report their progress even when nobody listens, so that time limits see them move. */
const BIG_BYTES = 65_536;

/** Fields that browsers do not let programs set. */
const FORBIDDEN =
  /^(accept-(charset|encoding)|access-control-request-.*|cookie2?|date|dnt|origin|referer|via|proxy-.*|sec-.*|set-cookie)$/;

export function firstHop(plan: Plan): Hop {
  return { method: plan.method, target: plan.target, headers: plan.headers, withBody: plan.body !== undefined };
}

function payloadOf(plan: Plan, hop: Hop): Payload | undefined {
  if (!hop.withBody) return undefined;
  return plan.payload ?? readBody((plan.body as () => unknown)(), true);
}

function cannot(refused: boolean, field: string, what: string): void {
  if (refused) throw new ConfigError(field, what);
}

/** Refuses what somebody asked for and the platform cannot do: nothing is dropped silently. */
function checkCapabilities(plan: Plan, can: Capabilities, body: TransportBody | undefined): void {
  const { limitsSet, headers } = plan;
  const uncounted = 'cannot be counted by this transport: the platform';
  const hidesHops = can.redirects === 'platform';
  cannot(can.decodesBody && limitsSet.includes('encodings'), 'limits.encodings', `${uncounted} decodes bodies unseen`);
  cannot(hidesHops && limitsSet.includes('redirects'), 'limits.redirects', `${uncounted} follows redirects unseen`);
  cannot(hidesHops && plan.redirects === 'manual', 'redirects', "'manual' cannot be had: the platform hides redirects");
  const isStream = typeof body === 'object' && Symbol.asyncIterator in body;
  cannot(!can.uploadStream && isStream, 'body', 'this transport cannot send a stream: pass bytes or a Blob');
  const forbidden = can.rawHeaders ? undefined : headers.find((name, i) => i % 2 === 0 && FORBIDDEN.test(name));
  cannot(!!forbidden, `headers.${forbidden}`, 'cannot be set by a program on this platform');
}

/**
 * Counts the fields of an answer where somebody set the limit; otherwise the transport's own has to do. Checks where a
 * platform ended up that follows redirects by itself.
 */
export function checkHead(plan: Plan, hop: Hop, { headers, url }: Head): void {
  if (url && !url.startsWith('https://') && (!url.startsWith('http://') || hop.target.origin.startsWith('https:')))
    throw new RedirectError(`the platform followed a redirect to ${redactUrl(url)}, which is refused`);
  const { headerBytes } = plan.limits;
  if (!plan.limitsSet.includes('headerBytes')) return;
  let bytes = 0;
  for (const [name, value] of headers) bytes += name.length + value.length;
  if (bytes > headerBytes) throw new LimitError('headerBytes', headerBytes, 'the head of the answer is too large');
}

function redirectMode({ redirects }: Plan, hop: AuthorisedHop, can: Capabilities): TransportRequest['redirect'] {
  if (can.redirects === 'manual') return 'manual';
  if (redirects === 'platform') return 'follow';
  return redirects === 'error' || hop.withBody || hop.sticky ? 'error' : 'follow';
}

/** Makes the request of a hop. */
export function requestOfHop(plan: Plan, hop: AuthorisedHop, can: Capabilities, to: Receiver): TransportRequest {
  const { method, target, headers } = hop;
  const payload = payloadOf(plan, hop);
  const body = payload?.body;
  if (plan.limitsSet.length > 0 || !can.rawHeaders || can.redirects === 'platform' || !can.uploadStream) {
    checkCapabilities(plan, can, body);
  }
  const typed = payload?.type !== undefined && findHeader(headers, 'content-type') === undefined;
  const bytes = typeof body === 'string' ? body.length : (payload?.bytes ?? Infinity);
  return {
    method,
    url: target.origin + target.path,
    origin: target.origin,
    path: target.path,
    headers: typed ? [...headers, 'content-type', payload.type!] : headers,
    body,
    bodyBytes: payload?.bytes,
    stream: plan.decoder.many && !plan.anyStatus,
    // Where the platform hides redirects, progress has a price: XHR cannot refuse one before the body has left.
    uploadProgress:
      body !== undefined && (to.uploads || (can.redirects === 'manual' && (to.events || bytes > BIG_BYTES))),
    redirect: redirectMode(plan, hop, can),
    cookies: plan.cookies,
    cache: plan.cache,
    keepalive: plan.keepalive,
    limits: plan.limits,
  };
}
