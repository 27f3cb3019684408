import type { FlowOperator } from '../lib/core/flow.js';
import type { Breaker } from '../lib/core/policy/breaker-types.js';
import { guard } from '../lib/core/policy/guarded-run.js';
import { gateOf } from '../lib/core/policy/permit.js';
import { tagged } from '../lib/core/policy/policy-tag.js';

/**
 * Lets a source run while its circuit breaker lets calls pass, and tells the breaker how it ended.
 *
 * - next: passed through.
 * - error: passed on, the same object; counted as a failure when the server or the network is at fault.
 * - complete: passed through; counted as a success.
 * - unsubscribe: cancels the source; after a value a success, before one neither, and a probe's place is free again.
 *
 * Asks the breaker at each subscription. While it lets none pass, the source is not subscribed and the error is a
 * RejectedError with `why: 'circuit-open'` and `retryAfterMs` until the next probe. Answers that refuse, such as a
 * 404, count as successes: the server works. Demand is kept in `.via()`.
 *
 * @param breaker - made by {@link createBreaker}; share it between all that call the same server
 * @returns an operator that emits what the source emits
 * @throws ConfigError when it gets no breaker
 * @throws RejectedError when the breaker lets none pass; the source's errors, the same objects
 * @see Michael Nygard, "Release It!" (2007), "Circuit Breaker"
 *
 * @example
 * ```ts
 * import { breakCircuit, createBreaker } from 'millrace/operators';
 * import { lastValueFrom, of } from 'rxjs';
 *
 * const breaker = createBreaker({ name: 'prices' });
 * await lastValueFrom(of(101.5).pipe(breakCircuit(breaker))); // => 101.5
 * breaker.isolate();
 * await lastValueFrom(of(101.5).pipe(breakCircuit(breaker))); // => throws RejectedError
 * ```
 */
export function breakCircuit<T>(breaker: Breaker): FlowOperator<T, T> {
  return tagged(guard(gateOf(breaker, 'breakCircuit.breaker', 'createBreaker')), 'breakCircuit', breaker);
}
