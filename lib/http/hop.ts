import { LimitError } from '../core/answer-errors.js';
import { ConfigError } from '../core/errors.js';
import type { Head } from '../core/wire.js';
import type { Capabilities, TransportRequest } from '../transport/contract.js';
import type { Auth } from './auth.js';
import { type Payload, readBody } from './body.js';
import { findHeader, type FlatHeaders } from './headers.js';
import type { Plan } from './plan.js';
import type { Receiver } from './receiver.js';
import type { Target } from './url.js';

/** One request of an attempt: the first, or one that a redirect asked for. */
export interface Hop {
  readonly method: string;
  readonly target: Target;
  readonly headers: FlatHeaders;
  readonly withBody: boolean;
}

/** A credential as it was sent. */
export interface Sent {
  readonly auth: Auth;
  readonly value: string;
}

/** What credentials do to a hop. */
export interface Authorised {
  readonly headers: FlatHeaders;
  readonly target: Target;
  /** One that a 401 may renew. */
  readonly renewable: Sent | undefined;
  /** One that must be fetched before the hop can be sent. */
  readonly missing: Auth | undefined;
  /** One that a platform would carry along on a redirect that it follows by itself. */
  readonly sticky: boolean;
}

/** Bodies above this report their progress even when nobody listens, so that time limits see them move. */
const BIG_BYTES = 65_536;

/** Fields that browsers do not let programs set. */
const FORBIDDEN =
  /^(accept-(charset|encoding)|access-control-request-.*|cookie2?|date|dnt|origin|referer|via|proxy-.*|sec-.*|set-cookie)$/;

export function firstHop(plan: Plan): Hop {
  return { method: plan.method, target: plan.target, headers: plan.headers, withBody: plan.body !== undefined };
}

/** Applies the credentials that belong to the hop's origin. */
export function authorise(plan: Plan, hop: Hop): Authorised {
  let { headers, target } = hop;
  let renewable: Sent | undefined;
  let sticky = false;
  for (const auth of plan.client.auth) {
    if (auth.origins !== 'any' && !auth.origins?.includes(target.origin)) continue;
    const value = auth.value(hop.method, target.origin);
    if (value === null) return { headers, target, renewable, missing: auth, sticky };
    if (value === undefined) continue;
    if (auth.in === 'query') {
      const pair = `${encodeURIComponent(auth.name)}=${encodeURIComponent(value)}`;
      target = { origin: target.origin, path: target.path + (target.path.includes('?') ? '&' : '?') + pair };
    } else headers = [...headers.filter((_, i) => headers[i & ~1] !== auth.name), auth.name, value];
    if (auth.fetch) renewable = { auth, value };
    sticky ||= auth.name !== 'authorization';
  }
  return { headers, target, renewable, missing: undefined, sticky };
}

function payloadOf(plan: Plan, hop: Hop): Payload | undefined {
  if (!hop.withBody) return undefined;
  return plan.payload ?? readBody((plan.body as () => unknown)(), true);
}

/** Refuses what somebody asked for and the platform cannot do: nothing is dropped silently. */
function checkCapabilities(plan: Plan, can: Capabilities, payload: Payload | undefined): void {
  if (can.decodesBody && plan.limitsSet.includes('encodings')) {
    throw new ConfigError(
      'limits.encodings',
      'cannot be counted by this transport: the platform decodes bodies unseen',
    );
  }
  const hidesHops = can.redirects === 'platform';
  if (hidesHops && plan.limitsSet.includes('redirects')) {
    throw new ConfigError(
      'limits.redirects',
      'cannot be counted by this transport: the platform follows redirects unseen',
    );
  }
  if (hidesHops && plan.redirects === 'manual') {
    throw new ConfigError('redirects', "'manual' cannot be had from this transport: the platform hides redirects");
  }
  if (!can.uploadStream && payload && typeof payload.body === 'object' && Symbol.asyncIterator in payload.body) {
    throw new ConfigError('body', 'this transport cannot send a stream: pass bytes or a Blob');
  }
  if (can.rawHeaders) return;
  const forbidden = plan.headers.find((name, i) => i % 2 === 0 && FORBIDDEN.test(name));
  if (forbidden) throw new ConfigError(`headers.${forbidden}`, 'cannot be set by a program on this platform');
}

/** Counts the fields of an answer where somebody set the limit; otherwise the transport's own has to do. */
export function checkHead(plan: Plan, head: Head): void {
  const { headerBytes } = plan.limits;
  if (!plan.limitsSet.includes('headerBytes')) return;
  let bytes = 0;
  for (const [name, value] of head.headers) bytes += name.length + value.length;
  if (bytes > headerBytes) throw new LimitError('headerBytes', headerBytes, 'the head of the answer is too large');
}

function redirectMode(plan: Plan, can: Capabilities, hop: Hop, sticky: boolean): TransportRequest['redirect'] {
  if (can.redirects === 'manual') return 'manual';
  if (plan.redirects === 'platform') return 'follow';
  return plan.redirects === 'error' || hop.withBody || sticky ? 'error' : 'follow';
}

/** Makes the request of a hop. */
export function requestOfHop(
  plan: Plan,
  hop: Hop,
  auth: Authorised,
  can: Capabilities,
  to: Receiver,
): TransportRequest {
  const payload = payloadOf(plan, hop);
  if (plan.limitsSet.length > 0 || !can.rawHeaders || can.redirects === 'platform' || !can.uploadStream) {
    checkCapabilities(plan, can, payload);
  }
  const typed = payload?.type !== undefined && findHeader(auth.headers, 'content-type') === undefined;
  const body = payload?.body;
  const bytes = typeof body === 'string' ? body.length : (payload?.bytes ?? Infinity);
  return {
    method: hop.method,
    url: auth.target.origin + auth.target.path,
    origin: auth.target.origin,
    path: auth.target.path,
    headers: typed ? [...auth.headers, 'content-type', payload.type!] : auth.headers,
    body,
    bodyBytes: payload?.bytes,
    stream: plan.decoder.many && !plan.anyStatus,
    // Where the platform hides redirects, progress has a price: XHR cannot refuse one before the body has left.
    uploadProgress:
      body !== undefined && (to.uploads || (can.redirects === 'manual' && (to.events || bytes > BIG_BYTES))),
    redirect: redirectMode(plan, can, hop, auth.sticky),
    cookies: plan.cookies,
    cache: plan.cache,
    keepalive: plan.keepalive,
    limits: plan.limits,
  };
}
