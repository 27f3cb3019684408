import type { FlowOperator } from '../lib/core/flow.js';
import { compose } from '../lib/core/policy/compose.js';

/**
 * Composes policies into one operator, outermost first, and refuses an order that cannot work.
 *
 * - next: passed through each policy.
 * - error: what the policies make of it, the innermost first.
 * - complete: passed through each policy.
 * - unsubscribe: passed on inwards; each policy gives back what it holds.
 *
 * An order that cannot work or has no effect is refused when it is built: a deadline inside a retry, a fallback that a
 * retry never gets past, a second retry that multiplies the first. Plain `.pipe()` makes no such promise. Operators
 * that are no policies, such as those of `through`, may stand anywhere.
 *
 * @param operators - outermost first, as a call meets them; each must keep demand
 * @returns an operator that emits what the outermost policy emits
 * @throws ConfigError that names the two that do not fit, and the fix
 * @see Microsoft, "Build resilient HTTP apps": the order of the standard pipelines
 *
 * @example
 * ```ts
 * import { policies, retryBackoff, timeoutEach } from 'millrace/operators';
 * import { flaky } from 'millrace/testing';
 * import { lastValueFrom } from 'rxjs';
 *
 * const careful = policies<number>(retryBackoff({ backoff: () => 1 }), timeoutEach(1000));
 * await lastValueFrom(flaky(2, 101.5).pipe(careful)); // => 101.5
 *
 * policies(timeoutEach(1000), retryBackoff()); // => throws ConfigError
 * ```
 */
export function policies<T>(...operators: readonly FlowOperator<T, T>[]): FlowOperator<T, T> {
  return compose(operators, 'policies');
}
