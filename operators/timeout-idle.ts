import type { Clock } from '../lib/core/clock.js';
import type { FlowOperator } from '../lib/core/flow.js';
import { flowOperator } from '../lib/core/flow-operator.js';
import { IdleRun } from '../lib/core/policy/idle-run.js';
import { tagged } from '../lib/core/policy/policy-tag.js';
import { timeoutPolicy } from '../lib/core/policy/timeout-policy.js';

/** Settings for {@link timeoutIdle}. */
export interface TimeoutIdleOptions {
  /** How long a source may be silent while something is asked of it. Unit: milliseconds. @defaultValue 30 000 */
  readonly idleMs?: number;
  /** What its {@link policyEvents} are called. @defaultValue none */
  readonly name?: string;
  /** Where time comes from. @defaultValue the system's clock */
  readonly clock?: Clock;
}

/**
 * Fails a stream that is silent for too long.
 *
 * - next: passed through; starts the limit anew, progress events too.
 * - error: passed on, the same object.
 * - complete: passed through; ends the limit.
 * - unsubscribe: cancels the source and the limit.
 *
 * The first gap begins when something is first asked for. The limit runs only while something is: in `.via()` a
 * consumer that takes its time causes no timeout. In a `.pipe()` everything is asked for all the time.
 *
 * @param limit - milliseconds, or {@link TimeoutIdleOptions}
 * @returns an operator that emits what the source emits
 * @throws ConfigError when an option is wrong
 * @throws TimeoutError with `which: 'idle'`
 * @see Envoy, "stream_idle_timeout"
 *
 * @example
 * ```ts
 * import { timeoutIdle } from 'millrace/operators';
 * import { concat, lastValueFrom, NEVER, of } from 'rxjs';
 *
 * const stuck$ = concat(of('first'), NEVER);
 * await lastValueFrom(stuck$.pipe(timeoutIdle(20))); // => throws TimeoutError
 * ```
 */
export function timeoutIdle<T>(limit: number | TimeoutIdleOptions = {}): FlowOperator<T, T> {
  const policy = timeoutPolicy('timeoutIdle', 'idle', limit, 30_000);
  return tagged(
    flowOperator((source, to) => new IdleRun(source, to, policy).start()),
    'timeoutIdle',
  );
}
