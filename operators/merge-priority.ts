import type { ObservableInput, ObservedValueOf } from 'rxjs';

import { ConfigError } from '../lib/core/errors.js';
import type { FlowOperator } from '../lib/core/flow.js';
import { flowOperator } from '../lib/core/flow-operator.js';
import { BoundedMerge } from '../lib/core/merge/bounded-merge.js';
import type { MergeRules } from '../lib/core/merge/merge-rules.js';
import { CONCURRENCY_KEYS, type ConcurrencyOptions, placesOf } from '../lib/core/merge/places.js';
import { PriorityBacklog, type PriorityRules } from '../lib/core/merge/priority-backlog.js';
import { positiveWhole } from '../lib/core/numbers.js';
import { readOptions } from '../lib/core/options.js';
import type { Project, ProjectContext } from '../lib/core/project.js';

/** Settings for {@link mergePriority}. */
export interface MergePriorityOptions<T> extends ConcurrencyOptions {
  /** How many classes there are: from 1 to 64. @defaultValue 4: priorities 0 to 3 */
  readonly classes?: number;
  /**
   * A class that waits becomes one class more urgent each time so many others have started. A positive whole number;
   * `Infinity` for none, and then urgent values can starve the others. @defaultValue 8
   */
  readonly ageing?: number;
  /** Who a value belongs to: within a class, all have equal shares. @defaultValue all belong together */
  readonly keyOf?: (value: T) => unknown;
  /** What a value takes of its key's share: a number above 0. Only with `keyOf`. @defaultValue 1 */
  readonly costOf?: (value: T) => number;
  /** Values that may wait and be sorted. A positive whole number or `Infinity`. @defaultValue 1 000 */
  readonly lookAhead?: number;
}

const KEYS = [...CONCURRENCY_KEYS, 'classes', 'ageing', 'keyOf', 'costOf', 'lookAhead'];

/**
 * Runs a call for each value, several at once, the most urgent first, and emits their results as they come.
 *
 * - next: what the calls emit, as it comes.
 * - error: the first one, a call's or the source's, behind the results that came before it; all else is cancelled at once.
 * - complete: when the source has completed and every call has.
 * - unsubscribe: cancels the source and every call, and aborts their signals.
 *
 * Priority 0 is the most urgent. A class that waits is served at the latest after `ageing` others for each class above
 * it, and as many as there are classes: nothing starves. With `keyOf`, no key holds the others of its class up. Only
 * values that are here can be sorted: the operator takes in `concurrency` and `lookAhead` of them. A call that runs is
 * not interrupted. Calls are held back as in {@link mergeBounded}.
 *
 * @param project - starts the call for a value: `(value, { signal }) => Observable, Promise, iterable, stream`
 * @param priorityOf - the class of a value: a whole number from 0, the most urgent, to `classes - 1`
 * @param options - see {@link MergePriorityOptions}
 * @returns an operator that emits the calls' results
 * @throws ConfigError when an option is wrong; also as the error, when a function answers with what is out of range
 * @throws the first error, the same object; what `project`, `priorityOf`, `keyOf` or `costOf` throw
 * @see M. Shreedhar and G. Varghese, "Efficient Fair Queuing using Deficit Round Robin" (1995); RFC 9218 for priorities
 *
 * @example
 * ```ts
 * import { mergePriority } from 'millrace/operators';
 * import { from, lastValueFrom, toArray } from 'rxjs';
 *
 * const jobs = [{ id: 'log', level: 3 }, { id: 'thumbnail', level: 2 }, { id: 'payment', level: 0 }];
 * const run = async ({ id }: (typeof jobs)[number]) => id;
 * const done$ = from(jobs).pipe(mergePriority(run, ({ level }) => level, { concurrency: 1 }), toArray());
 * await lastValueFrom(done$); // => ['log', 'payment', 'thumbnail']
 * ```
 */
export function mergePriority<T, O extends ObservableInput<unknown>>(
  project: (value: T, context: ProjectContext) => O,
  priorityOf: (value: T) => number,
  options: MergePriorityOptions<T> = {},
): FlowOperator<T, ObservedValueOf<O>> {
  const given: MergePriorityOptions<T> = readOptions(options, KEYS, 'mergePriority');
  const { classes = 4, ageing = 8, keyOf = () => undefined, costOf = () => 1, lookAhead = 1_000 } = given;
  if (!(Number.isInteger(classes) && classes >= 1 && classes <= 64)) {
    throw new ConfigError('mergePriority.classes', `must be a whole number from 1 to 64, not ${String(classes)}`);
  }
  if (given.costOf && !given.keyOf) {
    throw new ConfigError('mergePriority.costOf', 'has no effect without keyOf: say who the values belong to');
  }
  const order: PriorityRules<T> = {
    priorityOf,
    keyOf,
    costOf,
    classes,
    ageing: positiveWhole(ageing, 'mergePriority.ageing'),
  };
  const rules: MergeRules<T, ObservedValueOf<O>> = {
    project: project as Project<T, ObservedValueOf<O>>,
    places: placesOf(given, 'mergePriority'),
    backlog: () => new PriorityBacklog<T>(order),
    lookAhead: positiveWhole(lookAhead, 'mergePriority.lookAhead'),
  };
  return flowOperator((source, to) => source.subscribe(new BoundedMerge(to, rules)));
}
