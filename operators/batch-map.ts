import { ConfigError } from '../lib/core/errors.js';
import type { FlowOperator } from '../lib/core/flow.js';
import { flowOperator } from '../lib/core/flow-operator.js';
import type { BatchLoad } from '../lib/core/merge/batch.js';
import { type BatchOptions, readBatchRules } from '../lib/core/merge/batch-rules.js';
import { BatchRun } from '../lib/core/merge/batch-run.js';
import { Batches, batchesOf } from '../lib/core/merge/batches.js';
import type { Batcher } from '../lib/core/policy/batcher.js';

/** Settings for {@link batchMap}. */
export type BatchMapOptions<T> = BatchOptions<T>;

/**
 * Collects values into batches, loads a batch by one call, and emits the result of each value in the order of the
 * source.
 *
 * - next: the result for each value, in the order of the source.
 * - error: passed on in its place in the order: a value's own, its batch's, or the source's; the rest is left.
 * - complete: when the source has completed and every value has its result.
 * - unsubscribe: leaves the source and the batches; the last one to leave a batch cancels it and aborts its signal.
 *
 * A batch starts when it has `maxCount` values or `maxBytes` bytes, when `waitMs` have passed since its first value,
 * or when the source has completed. Without `waitMs` it starts when the code that runs now has run. Where all places
 * are taken it waits, and takes more meanwhile. The load answers once: with a list, one result for each value in their
 * order, or with a Map by value; an `Error` in it is the error of its value alone.
 *
 * Give a batcher in place of the load to share batches among subscriptions: each has its own results and errors. In
 * `.via()` nothing is asked of the source before something is asked below, then as much as can be loaded at once.
 *
 * @param load - loads a batch: `(values, { signal }) => list or Map`, or an Observable or Promise of one; or a batcher
 * @param options - see {@link BatchMapOptions}; a batcher has its own
 * @returns an operator that emits the results
 * @throws ConfigError when an option is wrong, or the load's answer does not fit its values
 * @throws the first error in the order, the same object; what `load` or `bytesOf` throw
 * @see GraphQL, "DataLoader"
 *
 * @example
 * ```ts
 * import { batchMap } from 'millrace/operators';
 * import { from, lastValueFrom, toArray } from 'rxjs';
 *
 * const squares = async (values: readonly number[]) => values.map((n) => n * n);
 * await lastValueFrom(from([1, 2, 3]).pipe(batchMap(squares, { maxCount: 2 }), toArray())); // => [1, 4, 9]
 * ```
 */
export function batchMap<T, R>(
  load: BatchLoad<T, R> | Batcher<T, R>,
  options?: BatchMapOptions<T>,
): FlowOperator<T, R> {
  if (typeof load === 'function') {
    const rules = readBatchRules(load, options, 'batchMap');
    return flowOperator((source, to) => source.subscribe(new BatchRun(to, new Batches(rules), true)));
  }
  if (options) throw new ConfigError('batchMap.options', 'a batcher has its own: give them to createBatcher()');
  const batches = batchesOf<T, R>(load, 'batchMap.load');
  return flowOperator((source, to) => source.subscribe(new BatchRun(to, batches, false)));
}
