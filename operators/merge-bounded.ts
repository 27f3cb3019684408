import type { ObservableInput, ObservedValueOf } from 'rxjs';

import type { FlowOperator } from '../lib/core/flow.js';
import { flowOperator } from '../lib/core/flow-operator.js';
import { LineBacklog } from '../lib/core/merge/backlog.js';
import { BoundedMerge } from '../lib/core/merge/bounded-merge.js';
import type { MergeRules } from '../lib/core/merge/merge-rules.js';
import { CONCURRENCY_KEYS, type ConcurrencyOptions, placesOf } from '../lib/core/merge/places.js';
import { readOptions } from '../lib/core/options.js';
import type { Project, ProjectContext } from '../lib/core/project.js';

/** Settings for {@link mergeBounded}. */
export type MergeBoundedOptions = ConcurrencyOptions;

/**
 * Runs a call for each value, several at once, and emits their results as they come.
 *
 * - next: what the calls emit; where more is there than is asked for, the calls are served in turn.
 * - error: the first one, a call's or the source's, behind the results that came before it; all else is cancelled at once.
 * - complete: when the source has completed and every call has.
 * - unsubscribe: cancels the source and every call, and aborts their signals.
 *
 * Never works on more than `concurrency` values of the source, and asks it for more in batches, when a quarter of the
 * places are free. A value keeps its place until its call is over and its results have left. In `.via()` nothing is
 * asked of the source before something is asked below. A call that is a Flow sends at most 16 values that nobody has
 * asked for; one that is a plain Observable cannot be held back.
 *
 * @param project - starts the call for a value: `(value, { signal }) => Observable, Promise, iterable, stream`
 * @param options - see {@link MergeBoundedOptions}
 * @returns an operator that emits the calls' results
 * @throws ConfigError when an option is wrong; also as the error, when `concurrency` sends what is no limit
 * @throws the first error, the same object; what `project` throws
 * @see Project Reactor, "flatMap"
 *
 * @example
 * ```ts
 * import { mergeBounded } from 'millrace/operators';
 * import { setTimeout as sleep } from 'node:timers/promises';
 * import { from, lastValueFrom, toArray } from 'rxjs';
 *
 * const after = async (ms: number) => sleep(ms, ms);
 * await lastValueFrom(from([60, 10]).pipe(mergeBounded(after, { concurrency: 2 }), toArray())); // => [10, 60]
 * ```
 */
export function mergeBounded<T, O extends ObservableInput<unknown>>(
  project: (value: T, context: ProjectContext) => O,
  options: MergeBoundedOptions = {},
): FlowOperator<T, ObservedValueOf<O>> {
  const given: MergeBoundedOptions = readOptions(options, CONCURRENCY_KEYS, 'mergeBounded');
  const rules: MergeRules<T, ObservedValueOf<O>> = {
    project: project as Project<T, ObservedValueOf<O>>,
    places: placesOf(given, 'mergeBounded'),
    backlog: () => new LineBacklog<T>(),
    lookAhead: 0,
  };
  return flowOperator((source, to) => source.subscribe(new BoundedMerge(to, rules)));
}
