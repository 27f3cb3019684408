import type { FlowOperator } from '../lib/core/flow.js';
import { guard } from '../lib/core/policy/guarded-run.js';
import { gateOf } from '../lib/core/policy/permit.js';
import { tagged } from '../lib/core/policy/policy-tag.js';
import type { Throttle } from '../lib/core/policy/throttle-types.js';

/**
 * Turns calls away by chance while the server accepts too few of them, and counts what it accepts.
 *
 * - next: passed through.
 * - error: passed on, the same object; counted as not accepted when the server or the network is at fault.
 * - complete: passed through; counted as accepted.
 * - unsubscribe: cancels the source; after a value accepted, before one as if it had never been sent.
 *
 * Asks the throttle at each subscription. A call that is turned away is not subscribed, and fails with a RejectedError
 * with `why: 'rate-limited'`. Demand is kept in `.via()`.
 *
 * @param throttle - made by {@link createThrottle}; share it between all that call the same server
 * @returns an operator that emits what the source emits
 * @throws ConfigError when it gets no throttle
 * @throws RejectedError when the call is turned away; the source's errors, the same objects
 * @see Google, "Site Reliability Engineering" (2016), "Handling Overload": client-side throttling
 *
 * @example
 * ```ts
 * import { createThrottle, throttleClient } from 'millrace/operators';
 * import { lastValueFrom, of } from 'rxjs';
 *
 * const throttle = createThrottle();
 * await lastValueFrom(of(101.5).pipe(throttleClient(throttle))); // => 101.5
 * throttle.state; // => { requests: 1, accepts: 1, rejection: 0, rejected: 0 }
 * ```
 */
export function throttleClient<T>(throttle: Throttle): FlowOperator<T, T> {
  return tagged(guard(gateOf(throttle, 'throttleClient.throttle', 'createThrottle')), 'throttleClient', throttle);
}
