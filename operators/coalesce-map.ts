import type { ObservableInput } from 'rxjs';

import { type Clock, systemClock } from '../lib/core/clock.js';
import type { FlowOperator } from '../lib/core/flow.js';
import { flowOperator } from '../lib/core/flow-operator.js';
import type { CallKey } from '../lib/core/merge/call-key.js';
import { CoalesceRun, type CoalesceRules } from '../lib/core/merge/coalesce-run.js';
import { countedPlaces } from '../lib/core/merge/counted-places.js';
import { SharedCalls, sharedCallsOf } from '../lib/core/merge/shared-calls.js';
import { atLeast, positiveWhole } from '../lib/core/numbers.js';
import { readOptions } from '../lib/core/options.js';
import type { Coalescer } from '../lib/core/policy/coalescer.js';
import type { Concurrency } from '../lib/core/policy/limit-source.js';
import type { Project, ProjectContext } from '../lib/core/project.js';

/** Settings for {@link coalesceMap}. */
export interface CoalesceMapOptions<R> {
  /** Whose calls may be joined. @defaultValue those of the same subscription */
  readonly coalescer?: Coalescer<R>;
  /**
   * The longest a value waits for its answer. The call goes on for the others who wait for it. Unit: milliseconds.
   * @defaultValue Infinity
   */
  readonly deadlineMs?: number;
  /** Calls that one subscription may have started at once; values that join a call do not count. @defaultValue 16 */
  readonly concurrency?: Concurrency;
  /** Values of one subscription that may wait at once, joined ones included. @defaultValue 1000 */
  readonly capacity?: number;
  /** Where time comes from. @defaultValue the system's clock */
  readonly clock?: Clock;
}

const KEYS = ['coalescer', 'deadlineMs', 'concurrency', 'capacity', 'clock'];

/**
 * Runs a call for each value, unless one for the same key is running: then the value waits for that one's answer.
 *
 * - next: what the calls emit, as it comes, once for each value that waits for it.
 * - error: the first one, the source's or a call's, after what has arrived; the rest is left. It is not kept.
 * - complete: when the source has completed and every value has its answer.
 * - unsubscribe: leaves the source and the calls; the last one to leave a call cancels it and aborts its signal.
 *
 * A call can be joined until it answers: until its first value that is no progress event, its error or its end. The
 * call is nobody's own: whoever asked first may leave, the others keep waiting. Where one call sends many values, the
 * slowest of those who wait for it sets the pace, and the others are at most 16 values ahead.
 *
 * Calls are shared within one subscription; give a `coalescer` to share them among many. Everything that changes the
 * answer belongs in the key: who is asking, too. In `.via()` nothing is asked of the source before something is asked
 * below, and no more than can be started at once.
 *
 * @param project - starts the call for a value: `(value, { signal }) => Observable, Promise, iterable, stream`
 * @param keyOf - what the call is for; lists and plain records are compared by what is in them
 * @param options - see {@link CoalesceMapOptions}; all times are milliseconds
 * @returns an operator that emits the calls' results
 * @throws ConfigError when an option is wrong, or a key that cannot be compared
 * @throws TimeoutError when a value has waited for `deadlineMs`
 * @throws the first error, the same object for all who wait; what `project` or `keyOf` throw
 * @see Go, golang.org/x/sync/singleflight
 *
 * @example
 * ```ts
 * import { coalesceMap } from 'millrace/operators';
 * import { lastValueFrom, of, toArray } from 'rxjs';
 *
 * let calls = 0;
 * const load = async (id: number) => `user ${id}, call ${++calls}`;
 * const users$ = of(7, 7, 8).pipe(coalesceMap(load, (id) => id), toArray());
 * await lastValueFrom(users$); // => ['user 7, call 1', 'user 7, call 1', 'user 8, call 2']
 * ```
 */
export function coalesceMap<T, R>(
  project: (value: T, context: ProjectContext) => ObservableInput<R>,
  keyOf: (value: T) => CallKey,
  options: CoalesceMapOptions<R> = {},
): FlowOperator<T, R> {
  const given: CoalesceMapOptions<R> = readOptions(options, KEYS, 'coalesceMap');
  const { clock = systemClock } = given;
  const rules: CoalesceRules<T, R> = {
    project: project as Project<T, R>,
    keyOf,
    places: countedPlaces(given.concurrency ?? 16, 'coalesceMap.concurrency', clock),
    capacity: positiveWhole(given.capacity ?? 1_000, 'coalesceMap.capacity'),
    deadlineMs: atLeast(0, given.deadlineMs ?? Infinity, 'coalesceMap.deadlineMs'),
    clock,
  };
  const shared = given.coalescer && sharedCallsOf<R>(given.coalescer, 'coalesceMap.coalescer');
  return flowOperator((source, to) =>
    source.subscribe(new CoalesceRun(to, shared ?? new SharedCalls<R>(undefined), rules)),
  );
}
