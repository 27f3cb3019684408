import { Observable, type OperatorFunction } from 'rxjs';

import { type Clock, systemClock } from '../lib/core/clock.js';
import { type Frames, framesOf } from '../lib/core/frames.js';
import { positiveWhole } from '../lib/core/numbers.js';
import { readOptions } from '../lib/core/options.js';
import { checkedOverflow, type Overflow } from '../lib/core/overflow.js';
import { type FrameRules, FrameRun } from '../lib/core/policy/frame-run.js';

/** Settings for {@link bufferFrame}. */
export interface BufferFrameOptions {
  /** Values that may wait for a frame. @defaultValue 10000 */
  readonly capacity?: number;
  /** What happens when one more arrives: `error`, `drop-oldest`, `drop-newest` or `latest`. @defaultValue 'error' */
  readonly overflow?: Overflow;
  /** Where frames come from. @defaultValue the page's animation frames, else a timer of 16 ms on the clock */
  readonly frames?: Frames;
  /** Where time comes from. @defaultValue the system's clock */
  readonly clock?: Clock;
}

/**
 * Collects values and emits them as a list, once per animation frame.
 *
 * - next: the values since the last frame, in their order; a frame without values emits nothing.
 * - error: passed on at once, after what waits; a LimitError where `overflow` is `error`.
 * - complete: passed on at once, after what waits.
 * - unsubscribe: cancels the source and the frame, and drops what waits.
 *
 * Frames are asked for only while values wait. Where there are no animation frames (Node, workers) or the page is
 * hidden, a timer of 16 ms takes their place; a frame that has not come after 100 ms, as in a view that is scrolled
 * out of sight, is not waited for. It answers to frames, not to demand, so it is for `.pipe()`.
 *
 * @param options - see {@link BufferFrameOptions}
 * @returns an operator that emits lists
 * @throws ConfigError when an option is wrong
 * @throws LimitError when more than `capacity` values wait and `overflow` is `error`
 * @throws the source's error, the same object
 * @see HTML Standard, "Animation frames"
 *
 * @example
 * ```ts
 * import { bufferFrame } from 'millrace/operators';
 * import { lastValueFrom, of, toArray } from 'rxjs';
 *
 * const ticks$ = of(1, 2, 3).pipe(bufferFrame({ capacity: 2, overflow: 'drop-oldest' }), toArray());
 * await lastValueFrom(ticks$); // => [[2, 3]]
 * ```
 */
export function bufferFrame<T>(options: BufferFrameOptions = {}): OperatorFunction<T, T[]> {
  const given: BufferFrameOptions = readOptions(options, ['capacity', 'overflow', 'frames', 'clock'], 'bufferFrame');
  const rules: FrameRules = {
    capacity: positiveWhole(given.capacity ?? 10_000, 'bufferFrame.capacity'),
    overflow: checkedOverflow(given.overflow ?? 'error', 'bufferFrame'),
    frames: given.frames ?? framesOf(given.clock ?? systemClock),
  };
  // No stock operators inside: bufferTime and bufferWhen have no bound, and keep a timer while nothing waits.
  return (source) => new Observable((subscriber) => new FrameRun(subscriber, rules).start(source));
}
