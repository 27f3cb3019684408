import { type Backoff, exponential } from '../lib/core/backoff.js';
import type { Budget } from '../lib/core/budget.js';
import { type Clock, systemClock } from '../lib/core/clock.js';
import { isRetryable } from '../lib/core/errors.js';
import type { FlowOperator } from '../lib/core/flow.js';
import { flowOperator } from '../lib/core/flow-operator.js';
import { atLeast, positiveWhole } from '../lib/core/numbers.js';
import { readOptions } from '../lib/core/options.js';
import { tagged } from '../lib/core/policy/policy-tag.js';
import { type Random, systemRandom } from '../lib/core/random.js';
import type { RetryPolicy } from '../lib/core/retry-policy.js';
import { RetryRun } from '../lib/core/retry-run.js';

/** Settings for {@link retryBackoff}. */
export interface RetryBackoffOptions {
  /** Attempts in all, the first included. A positive whole number or `Infinity`. @defaultValue 3 */
  readonly attempts?: number;
  /** The wait before each retry. Unit: milliseconds. @defaultValue {@link exponential} */
  readonly backoff?: Backoff;
  /** Which errors deserve a retry. @defaultValue {@link isRetryable}: an ApiError that says so; no foreign error */
  readonly when?: (error: unknown) => boolean;
  /** Pays for retries; share one between all that call the same server. @defaultValue none: `attempts` alone bounds */
  readonly budget?: Budget;
  /** A server that asks for a longer wait is not asked again. Unit: milliseconds. @defaultValue 60 000 */
  readonly maxRetryAfterMs?: number;
  /** What its {@link policyEvents} are called. @defaultValue none */
  readonly name?: string;
  /** Where time comes from. @defaultValue the system's clock */
  readonly clock?: Clock;
  /** Where jitter comes from. @defaultValue the system's */
  readonly random?: Random;
}

const KEYS = ['attempts', 'backoff', 'when', 'budget', 'maxRetryAfterMs', 'name', 'clock', 'random'];

/**
 * Subscribes again to a source that failed, after a wait that grows with each failure.
 *
 * - next: passed through; the first one that is not a progress event commits: no failure after it is retried.
 * - error: retried while attempts remain, `when` agrees and the budget pays; else passed on, the same object.
 * - complete: passed through at once.
 * - unsubscribe: cancels the running attempt or the wait; no further attempt starts.
 *
 * What the server asked for by `Retry-After` is the least wait, plus up to 10 %. Where that is more than
 * `maxRetryAfterMs` the error passes at once with `retryAt` set. In `.via()` demand that an attempt has not met is
 * asked of the next one.
 *
 * @param options - see {@link RetryBackoffOptions}; all times are milliseconds
 * @returns an operator that emits what the source emits
 * @throws ConfigError when an option is wrong
 * @throws the source's last error, the same object, when no retry follows; what `when` or `backoff` throw
 * @see AWS Architecture Blog, "Exponential Backoff And Jitter" (2015); gRPC proposal A6 for the commit rule
 *
 * @example
 * ```ts
 * import { retryBackoff } from 'millrace/operators';
 * import { flaky } from 'millrace/testing';
 * import { lastValueFrom } from 'rxjs';
 *
 * const price$ = flaky(2, 101.5).pipe(retryBackoff({ backoff: () => 1 }));
 * await lastValueFrom(price$); // => 101.5
 * ```
 */
export function retryBackoff<T>(options: RetryBackoffOptions = {}): FlowOperator<T, T> {
  const given: RetryBackoffOptions = readOptions(options, KEYS, 'retryBackoff');
  const policy: RetryPolicy = {
    attempts: positiveWhole(given.attempts ?? 3, 'retryBackoff.attempts'),
    backoff: given.backoff ?? exponential(),
    when: given.when ?? isRetryable,
    budget: given.budget,
    maxRetryAfterMs: atLeast(0, given.maxRetryAfterMs ?? 60_000, 'retryBackoff.maxRetryAfterMs'),
    random: given.random ?? systemRandom,
    clock: given.clock ?? systemClock,
    policy: 'retryBackoff',
    name: given.name,
  };
  return tagged(
    flowOperator((source, to) => new RetryRun(source, to, policy).start()),
    'retryBackoff',
  );
}
