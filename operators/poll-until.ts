import type { Backoff } from '../lib/core/backoff.js';
import { type Clock, systemClock } from '../lib/core/clock.js';
import { isTransient } from '../lib/core/errors.js';
import type { FlowOperator } from '../lib/core/flow.js';
import { flowOperator } from '../lib/core/flow-operator.js';
import { atLeast } from '../lib/core/numbers.js';
import { readOptions } from '../lib/core/options.js';
import { type PollRules, PollRun } from '../lib/core/policy/poll-run.js';
import { type Random, systemRandom } from '../lib/core/random.js';

/** Settings for {@link pollUntil}. */
export interface PollUntilOptions {
  /**
   * The wait between the end of a poll and the next one: a number, or a {@link Backoff} that gets the last value (or
   * the error) and counts polls. Unit: milliseconds. @defaultValue 1000
   */
  readonly waitMs?: number | Backoff;
  /** Failed polls in a row that are tolerated. @defaultValue 3 */
  readonly failures?: number;
  /** Which errors are tolerated. @defaultValue an ApiError that says that it is `transient` */
  readonly when?: (error: unknown) => boolean;
  /** What its {@link policyEvents} are called. @defaultValue none */
  readonly name?: string;
  /** Where time comes from. @defaultValue the system's clock */
  readonly clock?: Clock;
  /** Where jitter comes from. @defaultValue the system's */
  readonly random?: Random;
}

const KEYS = ['waitMs', 'failures', 'when', 'name', 'clock', 'random'];

/**
 * Subscribes to a source again and again until its last value is what is waited for.
 *
 * - next: passed through, those of every poll.
 * - error: a tolerated one is followed by the next poll, else passed on, the same object.
 * - complete: when the last value of a poll holds for `isDone`; a poll without a value is followed by another one.
 * - unsubscribe: cancels the running poll or the wait; no further poll starts.
 *
 * The first poll is made at once. What a value or an error says as `retryAfterMs` is the least wait, plus up to 10 %.
 * Polls go on for ever: place `deadline` behind this operator. It ends a wait at once that would last beyond it. In
 * `.via()` no further poll is made until something is asked for.
 *
 * @param isDone - whether a poll's last value is what is waited for: `(value, poll) => boolean`, polls counted from 1
 * @param options - see {@link PollUntilOptions}; all times are milliseconds
 * @returns an operator that emits what the polls emit
 * @throws ConfigError when an option is wrong
 * @throws an error that is not tolerated, the same object; what `isDone`, `waitMs` or `when` throw
 * @see Google AIP-151, "Long-running operations"; RFC 9110, section 10.2.3, on Retry-After
 *
 * @example
 * ```ts
 * import { pollUntil } from 'millrace/operators';
 * import { defer, lastValueFrom, of } from 'rxjs';
 *
 * let progress = 0;
 * const job$ = defer(() => of({ percent: (progress += 50) }));
 * await lastValueFrom(job$.pipe(pollUntil((job) => job.percent === 100, { waitMs: 1 }))); // => { percent: 100 }
 * ```
 */
export function pollUntil<T>(
  isDone: (value: T, poll: number) => boolean,
  options: PollUntilOptions = {},
): FlowOperator<T, T> {
  const given: PollUntilOptions = readOptions(options, KEYS, 'pollUntil');
  const { waitMs = 1000 } = given;
  if (typeof waitMs !== 'function') atLeast(0, waitMs, 'pollUntil.waitMs');
  const rules: PollRules<T> = {
    isDone,
    wait: typeof waitMs === 'function' ? waitMs : () => waitMs,
    failures: atLeast(0, given.failures ?? 3, 'pollUntil.failures'),
    when: given.when ?? isTransient,
    name: given.name,
    clock: given.clock ?? systemClock,
    random: given.random ?? systemRandom,
  };
  return flowOperator((source, to) => new PollRun(source, to, rules).start());
}
