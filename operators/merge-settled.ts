import type { ObservableInput, ObservedValueOf } from 'rxjs';

import type { FlowOperator } from '../lib/core/flow.js';
import { flowOperator } from '../lib/core/flow-operator.js';
import { LineBacklog } from '../lib/core/merge/backlog.js';
import type { MergeRules } from '../lib/core/merge/merge-rules.js';
import { CONCURRENCY_KEYS, type ConcurrencyOptions, placesOf } from '../lib/core/merge/places.js';
import { type Settled, SettledMerge } from '../lib/core/merge/settled-merge.js';
import { readOptions } from '../lib/core/options.js';
import type { Project, ProjectContext } from '../lib/core/project.js';

/** Settings for {@link mergeSettled}. */
export type MergeSettledOptions = ConcurrencyOptions;

/**
 * Runs a call for each value, several at once, and emits how each went, so that one failure does not end the rest.
 *
 * - next: `{ status: 'fulfilled', value, input }` for each value of a call, as it comes; when a call fails,
 *   `{ status: 'rejected', reason, input }` behind them.
 * - error: the source's, once all that it has sent is done; calls cause none.
 * - complete: when the source has completed and every call is over.
 * - unsubscribe: cancels the source and every call, and aborts their signals.
 *
 * A call of one value so gives one outcome. One of many values gives one for each, and one more if it fails in between;
 * one that completes without a value gives none. For exactly one outcome each, end the call with `toArray()` inside the
 * project. Places and demand are as in {@link mergeBounded}.
 *
 * @param project - starts the call for a value: `(value, { signal }) => Observable, Promise, iterable, stream`
 * @param options - see {@link MergeSettledOptions}
 * @returns an operator that emits outcomes
 * @throws ConfigError when an option is wrong; also as the error, when `concurrency` sends what is no limit
 * @throws the source's error, the same object; what `project` throws is the outcome of its call
 * @see ECMAScript, "Promise.allSettled"
 *
 * @example
 * ```ts
 * import { mergeSettled } from 'millrace/operators';
 * import { from, lastValueFrom, map, toArray } from 'rxjs';
 *
 * const root = async (n: number) => (n < 0 ? Promise.reject(new RangeError('negative')) : Math.sqrt(n));
 * const roots$ = from([4, -1, 9]).pipe(mergeSettled(root), map(({ status, input }) => `${input} ${status}`), toArray());
 * (await lastValueFrom(roots$)).toSorted(); // => ['-1 rejected', '4 fulfilled', '9 fulfilled']
 * ```
 */
export function mergeSettled<T, O extends ObservableInput<unknown>>(
  project: (value: T, context: ProjectContext) => O,
  options: MergeSettledOptions = {},
): FlowOperator<T, Settled<T, ObservedValueOf<O>>> {
  const given: MergeSettledOptions = readOptions(options, CONCURRENCY_KEYS, 'mergeSettled');
  const rules: MergeRules<T, ObservedValueOf<O>> = {
    project: project as Project<T, ObservedValueOf<O>>,
    places: placesOf(given, 'mergeSettled'),
    backlog: () => new LineBacklog<T>(),
    lookAhead: 0,
  };
  return flowOperator((source, to) => source.subscribe(new SettledMerge(to, rules)));
}
