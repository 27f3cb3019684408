import type { ObservableInput, ObservedValueOf } from 'rxjs';

import type { FlowOperator } from '../lib/core/flow.js';
import { flowOperator } from '../lib/core/flow-operator.js';
import { CONCURRENCY_KEYS, type ConcurrencyOptions, placesOf } from '../lib/core/merge/places.js';
import { readOptions } from '../lib/core/options.js';
import { OrderedMerge } from '../lib/core/ordered-merge.js';
import type { Project, ProjectContext } from '../lib/core/project.js';

/** Settings for {@link mergeOrdered}. */
export type MergeOrderedOptions = ConcurrencyOptions;

/**
 * Runs a call for each value, several at once, and emits their results in the order of the source.
 *
 * - next: what the calls emit, those of the first value first; later calls hold theirs until it is their turn.
 * - error: passed on in its place in the order, whether a call's or the source's; what lies behind it is cancelled
 *   as soon as it happens, what lies before it goes on.
 * - complete: when the source has completed and every call has.
 * - unsubscribe: cancels the source and every call, and aborts their signals.
 *
 * Never holds more than `concurrency` values of the source, and asks it for more in batches, when a quarter of the
 * places are free. In `.via()` nothing is asked of the source before something is asked below. A call that is a Flow
 * sends at most 16 values ahead of its turn; one that is a plain Observable cannot be held back, so what it sends
 * early waits without a bound.
 *
 * @param project - starts the call for a value: `(value, { signal }) => Observable, Promise, iterable, stream`
 * @param options - see {@link MergeOrderedOptions}
 * @returns an operator that emits the calls' results
 * @throws ConfigError when an option is wrong; also as the error, when `concurrency` sends what is no limit
 * @throws the first error in the order, the same object; what `project` throws
 * @see Project Reactor, "flatMapSequential"
 *
 * @example
 * ```ts
 * import { mergeOrdered } from 'millrace/operators';
 * import { from, lastValueFrom, toArray } from 'rxjs';
 *
 * const double = async (n: number) => n * 2;
 * await lastValueFrom(from([1, 2, 3]).pipe(mergeOrdered(double, { concurrency: 2 }), toArray())); // => [2, 4, 6]
 * ```
 */
export function mergeOrdered<T, O extends ObservableInput<unknown>>(
  project: (value: T, context: ProjectContext) => O,
  options: MergeOrderedOptions = {},
): FlowOperator<T, ObservedValueOf<O>> {
  const given: MergeOrderedOptions = readOptions(options, CONCURRENCY_KEYS, 'mergeOrdered');
  const places = placesOf(given, 'mergeOrdered');
  return flowOperator((source, to) =>
    source.subscribe(new OrderedMerge(to, project as Project<T, ObservedValueOf<O>>, places())),
  );
}
