import { type RunHelpers, TestScheduler } from 'rxjs/testing';

import type { Clock } from '../core/clock.js';
import type { Expect } from './runner.js';

/** What `t.clock.now()` says at frame 0 of every test: 2000-01-01T00:00Z. */
const EPOCH_MS = 946_684_800_000;

/** Marbles, and the clock that goes with them. */
export interface VirtualTime extends RunHelpers {
  /** Runs on the frames of the diagrams, 1 ms each; says 2000-01-01T00:00Z at frame 0. Hand it to what takes `clock`. */
  readonly clock: Clock;
}

/**
 * Runs a test in virtual time: RxJS's TestScheduler, with a clock for millrace on the same time.
 *
 * - Marbles are those of RxJS's run mode: one character is one millisecond, spaces are ignored.
 * - RxJS's own timers (`delay`, `debounceTime`, `timer`) run on the same frames.
 * - Time passes when the body returns, or at `t.flush()`; promises do not settle within it.
 *
 * @param expect - makes the assertions; see {@link Expect}
 * @param body - the test; it must be synchronous
 * @throws what `expect` throws, when a diagram differs
 * @see RxJS documentation, "Testing RxJS code with marble diagrams"
 *
 * @example
 * ```ts
 * import { strict as assert } from 'node:assert';
 * import { delay } from 'rxjs';
 * import { virtualTime } from 'millrace/testing';
 *
 * const expect = (actual: unknown) => ({ toEqual: (expected: unknown) => assert.deepEqual(actual, expected) });
 * virtualTime(expect, (t) => {
 *   const source = t.cold(' -a-b|');
 *   const expected = '      ---a-(b|)';
 *
 *   t.expectObservable(source.pipe(delay(2))).toBe(expected);
 *   t.expectSubscriptions(source.subscriptions).toBe('^---!');
 * });
 * ```
 */
export function virtualTime(expect: Expect, body: (t: VirtualTime) => void): void {
  const scheduler = new TestScheduler((actual, expected) => void expect(actual).toEqual(expected));
  const clock: Clock = {
    now: () => EPOCH_MS + scheduler.now(),
    after(ms, run) {
      const action = scheduler.schedule(() => run(), Math.max(0, ms));
      return () => action.unsubscribe();
    },
  };
  scheduler.run((helpers) => body({ ...helpers, clock }));
}
