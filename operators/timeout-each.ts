import type { Clock } from '../lib/core/clock.js';
import type { FlowOperator } from '../lib/core/flow.js';
import { flowOperator } from '../lib/core/flow-operator.js';
import { AttemptRun } from '../lib/core/policy/attempt-run.js';
import { tagged } from '../lib/core/policy/policy-tag.js';
import { timeoutPolicy } from '../lib/core/policy/timeout-policy.js';

/** Settings for {@link timeoutEach}. */
export interface TimeoutEachOptions {
  /** How long one attempt may take to its first value. Unit: milliseconds. @defaultValue 10 000 */
  readonly attemptMs?: number;
  /** What its {@link policyEvents} are called. @defaultValue none */
  readonly name?: string;
  /** Where time comes from. @defaultValue the system's clock */
  readonly clock?: Clock;
}

/**
 * Fails an attempt whose first value takes too long.
 *
 * - next: passed through; the first one that is not a progress event ends the limit.
 * - error: passed on, the same object.
 * - complete: passed through; ends the limit too.
 * - unsubscribe: cancels the source and the limit.
 *
 * Each subscription is an attempt with the whole time: placed before `retryBackoff`, every retry gets it anew. After
 * the first value nothing is timed, so that no value that was delivered is followed by a timeout; use `timeoutIdle` for
 * the gaps of a stream, `deadline` for all attempts together. The limit runs only while something is asked for: a slow
 * consumer causes no timeout. Where a `deadline` around it leaves no time for an attempt, none is started.
 *
 * @param limit - milliseconds, or {@link TimeoutEachOptions}
 * @returns an operator that emits what the source emits
 * @throws ConfigError when an option is wrong
 * @throws TimeoutError with `which: 'attempt'`, which is retryable; `total` when a deadline around it leaves no time
 * @see Marc Brooker, "Timeouts, retries, and backoff with jitter", Amazon Builders' Library
 *
 * @example
 * ```ts
 * import { timeoutEach } from 'millrace/operators';
 * import { firstValueFrom, NEVER } from 'rxjs';
 *
 * await firstValueFrom(NEVER.pipe(timeoutEach(20))); // => throws TimeoutError
 * ```
 */
export function timeoutEach<T>(limit: number | TimeoutEachOptions = {}): FlowOperator<T, T> {
  const policy = timeoutPolicy('timeoutEach', 'attempt', limit, 10_000);
  return tagged(
    flowOperator((source, to) => new AttemptRun(source, to, policy).start()),
    'timeoutEach',
  );
}
