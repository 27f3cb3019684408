import type { FlowOperator } from '../lib/core/flow.js';
import { guard } from '../lib/core/policy/guarded-run.js';
import { gateOf } from '../lib/core/policy/permit.js';
import { tagged } from '../lib/core/policy/policy-tag.js';
import type { RateLimiter } from '../lib/core/policy/rate-limiter.js';

/**
 * Subscribes to a source when a rate limit lets it start.
 *
 * - next: passed through at once; up to the first one that is no progress event, it is read for what the server says
 *   of its limits.
 * - error: passed through, the same object; it is read too. Turned away, the subscriber gets a `RejectedError`.
 * - complete: passed through.
 * - unsubscribe: cancels the source; one that waits leaves the queue at once, and those behind it move up.
 *
 * What counts is the start, that is the subscription. Calls that are too many wait in the order of their coming; one
 * that would wait longer than `queueMs`, or finds `maxWaiting` others, is turned away at once. A call that has started
 * is never held back. An answer that says `Retry-After`, `RateLimit` or `RateLimit-Policy` holds back all that share
 * the limiter, for ten minutes at most.
 *
 * @param limiter - made by {@link createRateLimiter}; share one between all that call the same server
 * @returns an operator that emits what the source emits
 * @throws ConfigError when it is no rate limiter
 * @throws RejectedError `'rate-limited'`, with `retryAfterMs`
 * @see ITU-T I.371, annex A (GCRA); IETF draft-ietf-httpapi-ratelimit-headers-11
 *
 * @example
 * ```ts
 * import { createRateLimiter, limitRate } from 'millrace/operators';
 * import { lastValueFrom, of } from 'rxjs';
 *
 * const limiter = createRateLimiter({ limit: 2, windowMs: 60_000, burst: 2 });
 * const call$ = of('answer').pipe(limitRate(limiter));
 * await lastValueFrom(call$); // => 'answer'
 * await lastValueFrom(call$); // => 'answer'
 * await lastValueFrom(call$); // => throws RejectedError
 * ```
 */
export function limitRate<T>(limiter: RateLimiter): FlowOperator<T, T> {
  return tagged(guard(gateOf(limiter, 'limitRate.limiter', 'createRateLimiter')), 'limitRate', limiter);
}
