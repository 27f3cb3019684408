import type { ObservableInput, ObservedValueOf } from 'rxjs';

import type { FlowOperator } from '../lib/core/flow.js';
import { flowOperator } from '../lib/core/flow-operator.js';
import { LineBacklog } from '../lib/core/merge/backlog.js';
import { FirstMerge } from '../lib/core/merge/first-merge.js';
import type { MergeRules } from '../lib/core/merge/merge-rules.js';
import { CONCURRENCY_KEYS, type ConcurrencyOptions, placesOf } from '../lib/core/merge/places.js';
import { readOptions } from '../lib/core/options.js';
import type { Project, ProjectContext } from '../lib/core/project.js';

/** Settings for {@link mergeFirst}. */
export type MergeFirstOptions = ConcurrencyOptions;

/**
 * Runs a call for each candidate and keeps the first one that succeeds: it wins when it sends a value.
 *
 * - next: what the winner emits. Progress events of all pass until there is one; they do not win.
 * - error: the source's at once, the winner's; an AllFailedError when every call has failed.
 * - complete: when the winner has. Without one, when the source and every call are over, unless every call has failed.
 * - unsubscribe: cancels the source and every call, and aborts their signals.
 *
 * When a call wins, the source and the other calls are cancelled at once, and their signals abort. With a `concurrency`
 * of 1 a candidate is tried when the one before it has failed. A call that completes without a value does not win, and
 * is no failure: the others go on. Demand is as in {@link mergeBounded}.
 *
 * @param project - starts the call for a candidate: `(value, { signal }) => Observable, Promise, iterable, stream`
 * @param options - see {@link MergeFirstOptions}
 * @returns an operator that emits what the winner emits
 * @throws ConfigError when an option is wrong; also as the error, when `concurrency` sends what is no limit
 * @throws AllFailedError, with the `errors` of all calls, what `project` threw among them
 * @see ECMAScript, "Promise.any"; Project Reactor, "firstWithValue"
 *
 * @example
 * ```ts
 * import { mergeFirst } from 'millrace/operators';
 * import { setTimeout as sleep } from 'node:timers/promises';
 * import { lastValueFrom, of } from 'rxjs';
 *
 * const mirrors = [{ name: 'far', ms: 80 }, { name: 'near', ms: 5 }];
 * const ask = async ({ name, ms }: { name: string; ms: number }) => sleep(ms, name);
 * await lastValueFrom(of(...mirrors).pipe(mergeFirst(ask))); // => 'near'
 * ```
 */
export function mergeFirst<T, O extends ObservableInput<unknown>>(
  project: (value: T, context: ProjectContext) => O,
  options: MergeFirstOptions = {},
): FlowOperator<T, ObservedValueOf<O>> {
  const given: MergeFirstOptions = readOptions(options, CONCURRENCY_KEYS, 'mergeFirst');
  const rules: MergeRules<T, ObservedValueOf<O>> = {
    project: project as Project<T, ObservedValueOf<O>>,
    places: placesOf(given, 'mergeFirst'),
    backlog: () => new LineBacklog<T>(),
    lookAhead: 0,
  };
  return flowOperator((source, to) => source.subscribe(new FirstMerge(to, rules)));
}
