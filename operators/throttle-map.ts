import { Observable, type ObservableInput, type ObservedValueOf, type OperatorFunction } from 'rxjs';

import { type Clock, systemClock } from '../lib/core/clock.js';
import { ConfigError } from '../lib/core/errors.js';
import { atLeast } from '../lib/core/numbers.js';
import { readOptions } from '../lib/core/options.js';
import { type ThrottleRules, ThrottleRun } from '../lib/core/policy/throttle-run.js';
import type { Project, ProjectContext } from '../lib/core/project.js';

/** Settings for {@link throttleMap}. */
export interface ThrottleMapOptions {
  /** The shortest time from the start of a call to that of the next one. Unit: milliseconds. @defaultValue 1000 */
  readonly windowMs?: number;
  /** Whether a value that comes after a quiet time is used at once. @defaultValue true */
  readonly leading?: boolean;
  /** Whether the newest value that came meanwhile is used when the window is over. @defaultValue true */
  readonly trailing?: boolean;
  /** Where time comes from. @defaultValue the system's clock */
  readonly clock?: Clock;
}

/**
 * Runs a call at most once per window, one at a time, each for the newest value.
 *
 * - next: what the calls emit.
 * - error: the source's, the call's, passed on at once, and the other is cancelled.
 * - complete: when the source has completed and the last call has; a value that waits is still used, in its time.
 * - unsubscribe: cancels the source, the wait and the call, and aborts its signal.
 *
 * A window begins with the call. A running call is not cancelled by newer values: where calls take longer than the
 * window, cancelling each for the next one would never bring a result. So a value waits for the window and for the
 * call, and only the newest one does. Without `leading` the first value begins a window and the newest one is used at
 * its end; without `trailing` what comes within a window or during a call is dropped.
 *
 * @param project - starts the call for a value: `(value, { signal }) => Observable, Promise, iterable, stream`
 * @param options - see {@link ThrottleMapOptions}; all times are milliseconds
 * @returns an operator that emits the results of the calls
 * @throws ConfigError when an option is wrong, or both edges are off
 * @throws the first error, the same object; what `project` throws
 * @see ReactiveX, "Sample" and "ThrottleFirst"
 *
 * @example
 * ```ts
 * import { throttleMap } from 'millrace/operators';
 * import { lastValueFrom, of, toArray } from 'rxjs';
 *
 * const save = async (text: string) => `saved ${text}`;
 * const saved$ = of('a', 'ab', 'abc').pipe(throttleMap(save, { windowMs: 20 }), toArray());
 * await lastValueFrom(saved$); // => ['saved a', 'saved abc']
 * ```
 */
export function throttleMap<T, O extends ObservableInput<unknown>>(
  project: (value: T, context: ProjectContext) => O,
  options: ThrottleMapOptions = {},
): OperatorFunction<T, ObservedValueOf<O>> {
  const keys = ['windowMs', 'leading', 'trailing', 'clock'];
  const given: ThrottleMapOptions = readOptions(options, keys, 'throttleMap');
  const rules: ThrottleRules<T, ObservedValueOf<O>> = {
    project: project as Project<T, ObservedValueOf<O>>,
    windowMs: atLeast(1, given.windowMs ?? 1_000, 'throttleMap.windowMs'),
    leading: given.leading ?? true,
    trailing: given.trailing ?? true,
    clock: given.clock ?? systemClock,
  };
  if (!rules.leading && !rules.trailing) {
    throw new ConfigError('throttleMap.trailing', 'no value is ever used: leave leading or trailing on');
  }
  // No stock operators inside: throttleTime and exhaustMap lose the value that comes last, during the call.
  return (source) => new Observable((subscriber) => new ThrottleRun(subscriber, rules).start(source));
}
