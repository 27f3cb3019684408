import { isApiError } from '../errors.js';
import type { HeadersView } from '../wire.js';
import { parseRateLimit, parseRateLimitPolicy, type QuotaLeft, type QuotaPolicy } from './rate-limit-fields.js';

/** What an answer said about how often its server may be asked. */
export interface RateHint {
  /** How long nothing may be asked; goes before all else. Unit: milliseconds. */
  readonly retryAfterMs?: number;
  /** The server's quotas. */
  readonly policies?: readonly QuotaPolicy[];
  /** What is left of them. */
  readonly left?: readonly QuotaLeft[];
}

/**
 * Reads what an answer or an error says about its server's limits: `retryAfterMs` of an `ApiError`, and the `RateLimit`
 * and `RateLimit-Policy` fields of anything that has `headers`, such as a `head` event, a `StatusError`, an
 * `ApiResponse` or a `Response`. An answer from a cache says nothing: `Age` above 0 marks it.
 *
 * @returns `undefined` when it says nothing
 */
export function rateHintOf(said: unknown): RateHint | undefined {
  if (typeof said !== 'object' || said === null) return undefined;
  const retryAfterMs = isApiError(said) ? said.retryAfterMs : undefined;
  const headers = (said as { readonly headers?: Partial<HeadersView> | null }).headers;
  const fields = typeof headers?.get === 'function' ? fieldsOf(headers as HeadersView) : undefined;
  if (retryAfterMs === undefined) return fields;
  return { retryAfterMs, ...fields };
}

function fieldsOf(headers: HeadersView): RateHint | undefined {
  const policies = parseRateLimitPolicy(headers.get('ratelimit-policy'));
  const left = parseRateLimit(headers.get('ratelimit'));
  if (policies.length + left.length === 0) return undefined;
  return Number(headers.get('age') ?? 0) > 0 ? undefined : { policies, left };
}
