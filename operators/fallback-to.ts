import type { ObservableInput, ObservedValueOf } from 'rxjs';

import { type Clock, systemClock } from '../lib/core/clock.js';
import { isApiError } from '../lib/core/errors.js';
import type { FlowOperator } from '../lib/core/flow.js';
import { flowOperator } from '../lib/core/flow-operator.js';
import { readOptions } from '../lib/core/options.js';
import { type FallbackRules, FallbackRun } from '../lib/core/policy/fallback-run.js';
import { tagged } from '../lib/core/policy/policy-tag.js';
import type { ProjectContext } from '../lib/core/project.js';

/** Settings for {@link fallbackTo}. */
export interface FallbackToOptions {
  /** Which errors something else may take the place of. @defaultValue all but the caller's abort and a ConfigError */
  readonly when?: (error: unknown) => boolean;
  /** What its {@link policyEvents} are called. @defaultValue none */
  readonly name?: string;
  /** Where the time in its events comes from. @defaultValue the system's clock */
  readonly clock?: Clock;
}

/**
 * Runs something else when a source fails before its first value.
 *
 * - next: passed through; the first one that is not a progress event commits: no fallback follows it.
 * - error: answered by the fallback where `when` agrees, else passed on, the same object; the fallback's error is passed
 *   on with the first one as its `cause`.
 * - complete: passed through.
 * - unsubscribe: cancels what runs, and aborts the fallback's signal.
 *
 * What was asked of the source and has not come is asked of the fallback.
 *
 * @param input - an Observable, Promise, iterable or stream; or what makes one: `(error, { signal }) => ...`
 * @param options - see {@link FallbackToOptions}
 * @returns an operator that emits what the source emits, or else the fallback
 * @throws ConfigError when an option is wrong
 * @throws the source's error or the fallback's, the same object; what `input` or `when` throw
 * @see Michael Nygard, "Release It!", on serving something simpler
 *
 * @example
 * ```ts
 * import { fallbackTo } from 'millrace/operators';
 * import { flaky } from 'millrace/testing';
 * import { lastValueFrom } from 'rxjs';
 *
 * const price$ = flaky(Infinity, 101.5).pipe(fallbackTo([99]));
 * await lastValueFrom(price$); // => 99
 * ```
 */
export function fallbackTo<T, O extends ObservableInput<unknown>>(
  input: O | ((error: unknown, context: ProjectContext) => O),
  options: FallbackToOptions = {},
): FlowOperator<T, T | ObservedValueOf<O>> {
  const given: FallbackToOptions = readOptions(options, ['when', 'name', 'clock'], 'fallbackTo');
  const rules: FallbackRules<T | ObservedValueOf<O>> = {
    project: (typeof input === 'function' ? input : () => input) as FallbackRules<T | ObservedValueOf<O>>['project'],
    when: given.when ?? isAnswerable,
    name: given.name,
    clock: given.clock ?? systemClock,
  };
  return tagged(
    flowOperator((source, to) => new FallbackRun(source, to, rules).start()),
    'fallbackTo',
  );
}

/** The caller wants no answer after an abort, and has a fault to mend after a ConfigError. */
function isAnswerable(error: unknown): boolean {
  return !(isApiError(error) && (error.kind === 'abort' || error.kind === 'config'));
}
