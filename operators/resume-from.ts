import type { ObservableInput } from 'rxjs';

import { type Backoff, exponential } from '../lib/core/backoff.js';
import type { Budget } from '../lib/core/budget.js';
import { type Clock, systemClock } from '../lib/core/clock.js';
import { isTransient } from '../lib/core/errors.js';
import type { FlowOperator } from '../lib/core/flow.js';
import { flowOperator } from '../lib/core/flow-operator.js';
import { atLeast, positiveWhole } from '../lib/core/numbers.js';
import { readOptions } from '../lib/core/options.js';
import { type ResumeRules, ResumeRun } from '../lib/core/policy/resume-run.js';
import type { ProjectContext } from '../lib/core/project.js';
import { type Random, systemRandom } from '../lib/core/random.js';

/** Settings for {@link resumeFrom}. */
export interface ResumeFromOptions {
  /** Attempts in a row, the one that broke included, until one is stable. @defaultValue 5 */
  readonly attempts?: number;
  /** The wait before each attempt. Unit: milliseconds. @defaultValue `exponential({ baseMs: 500, capMs: 60_000 })` */
  readonly backoff?: Backoff;
  /** Which errors deserve another attempt. @defaultValue an ApiError that says that it is `transient` */
  readonly when?: (error: unknown) => boolean;
  /** Pays for the attempts; share one between all that ask the same server. @defaultValue none */
  readonly budget?: Budget;
  /** An attempt that brought a value and lasted so long counts as the first. Unit: milliseconds. @defaultValue 30 000 */
  readonly stableMs?: number;
  /** A server that asks for a longer wait is not asked again. Unit: milliseconds. @defaultValue 60 000 */
  readonly maxRetryAfterMs?: number;
  /** What its {@link policyEvents} are called. @defaultValue none */
  readonly name?: string;
  /** Where time comes from. @defaultValue the system's clock */
  readonly clock?: Clock;
  /** Where jitter comes from. @defaultValue the system's */
  readonly random?: Random;
}

const KEYS = ['attempts', 'backoff', 'when', 'budget', 'stableMs', 'maxRetryAfterMs', 'name', 'clock', 'random'];

/**
 * Goes on with a stream that broke, behind the last value that it had.
 *
 * - next: passed through, each value once; its token is kept.
 * - error: once there is a token, answered by another attempt while attempts remain, `when` agrees and the budget pays;
 *   else passed on, the same object.
 * - complete: passed through at once.
 * - unsubscribe: cancels the attempt or the wait, aborts its signal; no further attempt starts.
 *
 * `project` opens what follows the token: an event id, an offset, a cursor. A value without a token (`undefined`) is
 * one that the source sends again when it goes on from the token before; so many are skipped then. Where the source
 * does not (a heartbeat), return the last token again. A failure before the first token passes: put `retryBackoff`
 * before this operator for it. Progress events pass without a token.
 *
 * @param tokenOf - where to go on after a value: `(value, count) => token`, the count from 1 over all attempts
 * @param project - opens the rest: `(token, { signal }) => Observable, Promise, iterable, stream`
 * @param options - see {@link ResumeFromOptions}; all times are milliseconds
 * @returns an operator that emits what the source emits, and what follows it
 * @throws ConfigError when an option is wrong
 * @throws the last error, the same object, when no attempt follows; what `tokenOf`, `project`, `when` or `backoff` throw
 * @see HTML Standard, "Server-sent events", on the last event id; RFC 9110, section 14, on ranges
 *
 * @example
 * ```ts
 * import { fromIterable } from 'millrace';
 * import { resumeFrom } from 'millrace/operators';
 * import { concat, lastValueFrom, throwError, toArray } from 'rxjs';
 *
 * const log = ['a', 'b', 'c', 'd'];
 * const broken$ = concat(log.slice(0, 2), throwError(() => new Error('connection lost')));
 * const whole$ = broken$.pipe(
 *   resumeFrom((_value, count) => count, (offset) => fromIterable(log.slice(offset)), { when: () => true, backoff: () => 1 }),
 * );
 * await lastValueFrom(whole$.pipe(toArray())); // => ['a', 'b', 'c', 'd']
 * ```
 */
export function resumeFrom<T, K>(
  tokenOf: (value: T, count: number) => K | undefined,
  project: (token: K, context: ProjectContext) => ObservableInput<T>,
  options: ResumeFromOptions = {},
): FlowOperator<T, T> {
  const given: ResumeFromOptions = readOptions(options, KEYS, 'resumeFrom');
  const rules: ResumeRules<T, K> = {
    tokenOf,
    project,
    retry: {
      attempts: positiveWhole(given.attempts ?? 5, 'resumeFrom.attempts'),
      backoff: given.backoff ?? exponential({ baseMs: 500, capMs: 60_000 }),
      when: given.when ?? isTransient,
      budget: given.budget,
      maxRetryAfterMs: atLeast(0, given.maxRetryAfterMs ?? 60_000, 'resumeFrom.maxRetryAfterMs'),
      random: given.random ?? systemRandom,
      clock: given.clock ?? systemClock,
      policy: 'resumeFrom',
      name: given.name,
    },
    stableMs: atLeast(0, given.stableMs ?? 30_000, 'resumeFrom.stableMs'),
  };
  return flowOperator((source, to) => new ResumeRun(source, to, rules).start());
}
