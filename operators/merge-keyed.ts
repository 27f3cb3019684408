import type { ObservableInput, ObservedValueOf } from 'rxjs';

import type { FlowOperator } from '../lib/core/flow.js';
import { flowOperator } from '../lib/core/flow-operator.js';
import { BoundedMerge } from '../lib/core/merge/bounded-merge.js';
import { KeyedBacklog } from '../lib/core/merge/keyed-backlog.js';
import type { MergeRules } from '../lib/core/merge/merge-rules.js';
import { CONCURRENCY_KEYS, type ConcurrencyOptions, placesOf } from '../lib/core/merge/places.js';
import { positiveWhole } from '../lib/core/numbers.js';
import { readOptions } from '../lib/core/options.js';
import type { Project, ProjectContext } from '../lib/core/project.js';

/** Settings for {@link mergeKeyed}. */
export interface MergeKeyedOptions extends ConcurrencyOptions {
  /**
   * Values that may wait for their key or a place, so that those of other keys are seen behind them. A positive whole
   * number or `Infinity`. @defaultValue 1 000
   */
  readonly lookAhead?: number;
}

/**
 * Runs a call for each value: one after the other for values of the same key, side by side for different keys.
 *
 * - next: what the calls emit, as it comes; for each key in the order of its values.
 * - error: the first one, a call's or the source's, behind the results that came before it; all else is cancelled at once.
 * - complete: when the source has completed and every call has.
 * - unsubscribe: cancels the source and every call, and aborts their signals.
 *
 * Keys whose values wait take turns. A key is remembered only while it has a value that waits or a call that runs. The
 * operator takes in `concurrency` and `lookAhead` values, so that a busy key does not hold up the others until that
 * many of its values wait. Calls are held back as in {@link mergeBounded}.
 *
 * @param project - starts the call for a value: `(value, { signal }) => Observable, Promise, iterable, stream`
 * @param keyOf - what must not overlap; compared as the keys of a `Map` are
 * @param options - see {@link MergeKeyedOptions}
 * @returns an operator that emits the calls' results
 * @throws ConfigError when an option is wrong; also as the error, when `concurrency` sends what is no limit
 * @throws the first error, the same object; what `project` or `keyOf` throw
 * @see Confluent Parallel Consumer, "Ordering guarantees", by key
 *
 * @example
 * ```ts
 * import { mergeKeyed } from 'millrace/operators';
 * import { setTimeout as sleep } from 'node:timers/promises';
 * import { from, lastValueFrom, toArray } from 'rxjs';
 *
 * const edits = [{ id: 'a', ms: 40 }, { id: 'a', ms: 1 }, { id: 'b', ms: 10 }];
 * const save = async ({ id, ms }: { id: string; ms: number }) => sleep(ms, `${id} ${ms}`);
 * const saved$ = from(edits).pipe(mergeKeyed(save, ({ id }) => id), toArray());
 * await lastValueFrom(saved$); // => ['b 10', 'a 40', 'a 1']
 * ```
 */
export function mergeKeyed<T, O extends ObservableInput<unknown>>(
  project: (value: T, context: ProjectContext) => O,
  keyOf: (value: T) => unknown,
  options: MergeKeyedOptions = {},
): FlowOperator<T, ObservedValueOf<O>> {
  const given: MergeKeyedOptions = readOptions(options, [...CONCURRENCY_KEYS, 'lookAhead'], 'mergeKeyed');
  const rules: MergeRules<T, ObservedValueOf<O>> = {
    project: project as Project<T, ObservedValueOf<O>>,
    places: placesOf(given, 'mergeKeyed'),
    backlog: () => new KeyedBacklog<T>(keyOf),
    lookAhead: positiveWhole(given.lookAhead ?? 1_000, 'mergeKeyed.lookAhead'),
  };
  return flowOperator((source, to) => source.subscribe(new BoundedMerge(to, rules)));
}
