import { bytes } from '../codec/bytes.js';
import type { Decoder } from '../codec/decoder.js';
import type { Head, HeadersView } from '../core/wire.js';
import type { Target } from '../transport/contract.js';
import { safeHeaders } from '../transport/follow-redirect.js';
import { BodyReader } from './body-reader.js';
import { Call } from './call.js';
import { findHeader, mergeHeaders } from './headers.js';
import type { Plan } from './plan.js';

/** Fields that speak of one request alone: its body, its key, its conditions, its preference. */
const OF_ONE_REQUEST = /^(content-.*|idempotency-key|if-.*|range|prefer)$/;

/**
 * The same call with its body as bytes, so that it can be looked at before it is decoded.
 *
 * @param prefer - an addition to its `Prefer` field (RFC 7240)
 */
export function asBytes(plan: Plan, prefer?: string): Call<Uint8Array> {
  const own = findHeader(plan.headers, 'prefer');
  const preferred = prefer === undefined ? [] : ['prefer', own === undefined ? prefer : `${own}, ${prefer}`];
  const headers = mergeHeaders(plan.headers, preferred);
  return new Call<Uint8Array>({ plan: { ...plan, headers, decoder: bytes() as Decoder<unknown> } });
}

/**
 * The plan of a GET of what a call's answer named, with the call's client and settings.
 *
 * Another origin gets none of the fields that were meant for the call's own, and no cookies; credentials are bound to
 * origins in any case.
 */
export function followUp(plan: Plan, target: Target): Plan {
  const crosses = target.origin !== plan.target.origin;
  const kept = plan.headers.filter((_, i) => !OF_ONE_REQUEST.test(plan.headers[i & ~1]!));
  return {
    ...plan,
    method: 'GET',
    target,
    route: target.path.replace(/\?.*$/s, ''),
    headers: crosses ? safeHeaders(kept, false) : kept,
    body: undefined,
    payload: undefined,
    idempotencyKey: undefined,
    cookies: crosses && plan.cookies ? 'omit' : plan.cookies,
    once: false,
  };
}

/** An answer whose body is there already. */
export interface WholeAnswer {
  readonly status: number;
  readonly headers: HeadersView;
  readonly bytes: Uint8Array;
}

/** What a call's decoder, and the schema behind it, makes of a body that is there already. */
export function decodeWhole(
  { decoder, limits }: Plan,
  { status, headers, bytes: body }: WholeAnswer,
): Promise<unknown[]> {
  return new Promise((resolve, reject) => {
    const values: unknown[] = [];
    const head: Head = { status, statusText: '', headers };
    const reader = new BodyReader(decoder, head, limits, {
      wanted: () => true,
      value: (value) => values.push(value),
      flow: () => {},
      done: () => resolve(values),
      failed: reject,
    });
    if (body.length > 0) reader.push(body);
    reader.end();
  });
}
