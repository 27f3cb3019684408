import type { Clock } from '../lib/core/clock.js';
import { ConfigError } from '../lib/core/errors.js';
import type { FlowOperator } from '../lib/core/flow.js';
import { flowOperator } from '../lib/core/flow-operator.js';
import { atLeast } from '../lib/core/numbers.js';
import { readOptions } from '../lib/core/options.js';
import { type DeadlineRules, DeadlineRun } from '../lib/core/policy/deadline-run.js';
import { tagged } from '../lib/core/policy/policy-tag.js';
import { TimeoutPolicy } from '../lib/core/policy/timeout-policy.js';

/** Settings for {@link deadline}. */
export interface DeadlineOptions {
  /** How long everything may take. Unit: milliseconds. @defaultValue 30 000, or no limit where `at` is given */
  readonly totalMs?: number;
  /** When everything must be over: a Date, or milliseconds since 1970 on `clock`. @defaultValue none */
  readonly at?: Date | number;
  /** An attempt that would have less time than this is not started. Unit: milliseconds. @defaultValue 0 */
  readonly leastAttemptMs?: number;
  /** What its {@link policyEvents} are called. @defaultValue none */
  readonly name?: string;
  /** Where time comes from. @defaultValue the system's clock */
  readonly clock?: Clock;
}

const KEYS = ['totalMs', 'at', 'leastAttemptMs', 'name', 'clock'];

/**
 * Fails what is not complete in time, all attempts and the waits between them together.
 *
 * - next: passed through.
 * - error: passed on, the same object.
 * - complete: passed through; ends the limit.
 * - unsubscribe: cancels the source and the limit.
 *
 * The time begins at subscription and runs whether or not something is asked for. Place it behind what repeats:
 * `pipe(timeoutEach(1_000), retryBackoff(), deadline(5_000))`. What starts attempts before it learns how much time is
 * left: `retryBackoff`, `resumeFrom` and `pollUntil` start none, and wait for none, that the deadline would cut off.
 * They learn it in `.via()`, through `through()`, and next to each other in a `.pipe()`; with a stock operator in
 * between they do not, and are cut off when the time is over. An inner deadline cannot extend an outer one.
 *
 * @param limit - milliseconds, or {@link DeadlineOptions}; of `totalMs` and `at` the earlier one counts
 * @returns an operator that emits what the source emits
 * @throws ConfigError when an option is wrong
 * @throws TimeoutError with `which: 'total'`, which is not retryable; its `cause` is the error of the last attempt
 * @see gRPC documentation, "Deadlines"; Finagle, "DeadlineFilter"
 *
 * @example
 * ```ts
 * import { deadline, retryBackoff } from 'millrace/operators';
 * import { flaky } from 'millrace/testing';
 * import { lastValueFrom } from 'rxjs';
 *
 * const price$ = flaky(2, 101.5).pipe(retryBackoff({ backoff: () => 1 }), deadline(1_000));
 * await lastValueFrom(price$); // => 101.5
 * ```
 */
export function deadline<T>(limit: number | DeadlineOptions = {}): FlowOperator<T, T> {
  const given: DeadlineOptions = readOptions(typeof limit === 'number' ? { totalMs: limit } : limit, KEYS, 'deadline');
  const totalMs = atLeast(0, given.totalMs ?? (given.at === undefined ? 30_000 : Infinity), 'deadline.totalMs');
  const rules: DeadlineRules = {
    policy: new TimeoutPolicy('deadline', 'total', totalMs, given),
    atMs: momentOf(given.at),
    leastAttemptMs: atLeast(0, given.leastAttemptMs ?? 0, 'deadline.leastAttemptMs'),
  };
  if (rules.leastAttemptMs > totalMs) {
    throw new ConfigError('deadline.leastAttemptMs', `must not be more than totalMs, ${totalMs}: nothing could start`);
  }
  return tagged(
    flowOperator((source, to) => new DeadlineRun(source, to, rules).start()),
    'deadline',
  );
}

function momentOf(at: Date | number | undefined): number {
  const ms = at === undefined ? Infinity : Number(at);
  if (Number.isNaN(ms)) throw new ConfigError('deadline.at', 'must be a valid Date or a number of ms since 1970');
  return ms;
}
