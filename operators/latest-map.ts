import type { ObservableInput, ObservedValueOf } from 'rxjs';

import { systemClock } from '../lib/core/clock.js';
import type { FlowOperator } from '../lib/core/flow.js';
import { flowOperator } from '../lib/core/flow-operator.js';
import { LatestBacklog } from '../lib/core/merge/backlog.js';
import { BoundedMerge } from '../lib/core/merge/bounded-merge.js';
import type { MergeRules } from '../lib/core/merge/merge-rules.js';
import { Places } from '../lib/core/merge/places.js';
import type { Project, ProjectContext } from '../lib/core/project.js';

/**
 * Runs a call for a value, to its end; of the values that come meanwhile, only the newest waits for its turn.
 *
 * - next: what the calls emit.
 * - error: the first one, a call's or the source's, behind the results that came before it; all else is cancelled at once.
 * - complete: when the source has completed and every call has; a value that waits still gets its call.
 * - unsubscribe: cancels the source and the call, and aborts its signal.
 *
 * So a call always ends, at most one runs, and the last value is never lost. The next call starts when the results of
 * the one before it have left. In `.via()` the source is asked for all it has, once something is asked below: what
 * comes too fast is dropped. A call is held back as in {@link mergeBounded}.
 *
 * @param project - starts the call for a value: `(value, { signal }) => Observable, Promise, iterable, stream`
 * @returns an operator that emits the calls' results
 * @throws the first error, the same object; what `project` throws
 * @see Project Reactor, "onBackpressureLatest", before a "concatMap" that asks for one value at a time
 *
 * @example
 * ```ts
 * import { latestMap } from 'millrace/operators';
 * import { lastValueFrom, of, toArray } from 'rxjs';
 *
 * const save = async (text: string) => `saved ${text}`;
 * await lastValueFrom(of('a', 'ab', 'abc').pipe(latestMap(save), toArray())); // => ['saved a', 'saved abc']
 * ```
 */
export function latestMap<T, O extends ObservableInput<unknown>>(
  project: (value: T, context: ProjectContext) => O,
): FlowOperator<T, ObservedValueOf<O>> {
  const rules: MergeRules<T, ObservedValueOf<O>> = {
    project: project as Project<T, ObservedValueOf<O>>,
    places: () => new Places(1, 'latestMap', systemClock),
    backlog: () => new LatestBacklog<T>(),
    lookAhead: Infinity,
  };
  return flowOperator((source, to) => source.subscribe(new BoundedMerge(to, rules)));
}
