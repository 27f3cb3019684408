import type { Observable } from 'rxjs';

import { type Clock, systemClock } from '../lib/core/clock.js';
import { ConfigError } from '../lib/core/errors.js';
import type { FlowOperator } from '../lib/core/flow.js';
import { flowOperator } from '../lib/core/flow-operator.js';
import { readOptions } from '../lib/core/options.js';
import { checkedRoom, type Overflow } from '../lib/core/overflow.js';
import { type PauseRules, PauseRun } from '../lib/core/policy/pause-run.js';

/** Settings for {@link pauseWhile}. */
export interface PauseWhileOptions {
  /**
   * What becomes of the source in a pause: it stays subscribed (`hold`), or is unsubscribed and subscribed anew after
   * it (`leave`). @defaultValue 'hold'
   */
  readonly source?: 'hold' | 'leave';
  /** Values that may wait of a source that cannot be held back: a whole number from 1. @defaultValue 1000 */
  readonly capacity?: number;
  /** What is lost when one more comes, as in `fromObservable`. @defaultValue 'error': nothing, the stream fails */
  readonly overflow?: Overflow;
  /** What its {@link policyEvents} are called. @defaultValue none */
  readonly name?: string;
  /** Where the time in its events comes from. @defaultValue the system's clock */
  readonly clock?: Clock;
}

const KEYS = ['source', 'capacity', 'overflow', 'name', 'clock'];

/**
 * Holds a stream while an Observable says so.
 *
 * - next: passed through; in a pause it waits.
 * - error: passed on, the same object, after what waits; so is an error of `paused`.
 * - complete: passed on after what waits; the completion of `paused` leaves things as they are.
 * - unsubscribe: cancels the source and `paused`, and drops what waits.
 *
 * A Flow is asked for nothing in a pause; at most 16 values are on their way and wait. Any other source cannot be held
 * back: up to `capacity` values wait, and `overflow` says what is lost then. Before `paused` has said anything, nothing
 * is paused.
 *
 * @param paused - whether to pause, such as `offline()` or `pageHidden()`
 * @param options - see {@link PauseWhileOptions}
 * @returns an operator that emits what the source emits
 * @throws ConfigError when an argument is wrong
 * @throws the source's error, or that of `paused`, the same object
 * @throws LimitError when more values come than may wait and `overflow` is `error`
 * @see RxJava extensions, "valve"; TanStack Query, "Network Mode"
 *
 * @example
 * ```ts
 * import { pauseWhile } from 'millrace/operators';
 * import { BehaviorSubject, from } from 'rxjs';
 *
 * const paused$ = new BehaviorSubject(true);
 * const received: number[] = [];
 * from([1, 2]).pipe(pauseWhile(paused$)).subscribe((n) => received.push(n));
 * received.length; // => 0
 * paused$.next(false);
 * received; // => [1, 2]
 * ```
 */
export function pauseWhile<T>(paused: Observable<boolean>, options: PauseWhileOptions = {}): FlowOperator<T, T> {
  const given: PauseWhileOptions = readOptions(options, KEYS, 'pauseWhile');
  if (typeof (paused as Observable<boolean> | undefined)?.subscribe !== 'function') {
    throw new ConfigError('pauseWhile.paused', `must be an Observable of booleans, not ${String(paused)}`);
  }
  const { source: mode = 'hold' } = given;
  if (mode !== 'hold' && mode !== 'leave') {
    throw new ConfigError('pauseWhile.source', `must be 'hold' or 'leave', not ${String(mode)}`);
  }
  const rules: PauseRules = {
    paused,
    leaves: mode === 'leave',
    room: checkedRoom(given.capacity ?? 1000, given.overflow ?? 'error', 'pauseWhile'),
    name: given.name,
    clock: given.clock ?? systemClock,
  };
  return flowOperator((source, to, isHeld) => new PauseRun(source, isHeld, to, rules).run());
}
