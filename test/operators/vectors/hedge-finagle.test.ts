import { Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { createBudget } from '../../../lib/core/budget.js';
import { NetworkError, TimeoutError } from '../../../lib/core/errors.js';
import { createHedge } from '../../../lib/core/policy/hedge.js';
import type { HedgeOptions } from '../../../lib/core/policy/hedge-types.js';
import { createHistogram } from '../../../lib/core/policy/histogram.js';
import { hedge } from '../../../operators/hedge.js';
import { handClock } from '../../support/hand-clock.js';

// Finagle, BackupRequestFilterTest: a hundred calls of a second, so that a backup is sent after a second.
describe('vectors of the BackupRequestFilter of Finagle for hedge', () => {
  /** Warmed up, and then a call whose backup was sent a second ago. */
  function sendBackup() {
    const clock = handClock();
    const histogram = createHistogram({ clock });
    for (let n = 0; n < 100; n++) histogram.record(1_000);
    const shared = createHedge({ clock, histogram, quantile: 0.5 });
    const recorded: number[] = [];
    const record = histogram.record.bind(histogram);
    histogram.record = (ms) => (recorded.push(ms), record(ms));
    const attempts: { next: (value: string) => void; error: (error: unknown) => void; closed: boolean }[] = [];
    const told: unknown[] = [];
    new Observable<string>((to) => void attempts.push(to))
      .pipe(hedge(shared))
      .subscribe({ next: (value) => told.push(value), error: (error) => told.push(error) });
    clock.pass(shared.state.delayMs!);
    expect(attempts.length).toBe(2);
    clock.pass(1_000);
    const durations = () => recorded.map((ms) => Math.round(ms / 100) * 100).toSorted((a, b) => a - b);
    return { shared, attempts, told, durations };
  }
  const lost = new NetworkError('connection reset', 'receive');

  it('Backup request completes successfully first: both times are recorded, the original is interrupted', () => {
    const { shared, attempts, told, durations } = sendBackup();
    attempts[1]!.next('backup');
    expect([told, durations(), attempts[0]!.closed]).toEqual([['backup'], [1_000, 2_000], true]);
    expect(shared.state).toMatchObject({ hedges: 1, wins: 1 });
  });

  it('Original request completes successfully first: the backup is interrupted', () => {
    const { shared, attempts, told, durations } = sendBackup();
    attempts[0]!.next('orig');
    // There the time of the backup is recorded too; here one that was not given its time says nothing.
    expect([told, durations(), attempts[1]!.closed]).toEqual([['orig'], [2_000], true]);
    expect(shared.state).toMatchObject({ hedges: 1, wins: 0 });
  });

  it('Original request completes unsuccessfully first: its time is not recorded, the backup answers', () => {
    const { shared, attempts, told, durations } = sendBackup();
    attempts[0]!.error(lost);
    expect([told, durations()]).toEqual([[], []]);
    attempts[1]!.next('backup');
    // There this is no win.
    expect([told, durations(), shared.state.wins]).toEqual([['backup'], [1_000], 1]);
  });

  it('Backup request completes unsuccessfully first: its time is not recorded, the original answers', () => {
    const { shared, attempts, told, durations } = sendBackup();
    attempts[1]!.error(lost);
    expect([told, durations()]).toEqual([[], []]);
    attempts[0]!.next('orig');
    expect([told, durations(), shared.state.wins]).toEqual([['orig'], [2_000], 0]);
  });

  it('record latency on timeout', () => {
    const { attempts, durations } = sendBackup();
    attempts[0]!.error(new TimeoutError('attempt', 2_000));
    expect(durations()).toEqual([2_000]);
  });

  it.each(['its own', 'the shared one'])(
    'does not send a backup if it cannot withdraw from the budget: %s',
    (which) => {
      const budget = createBudget({ capacity: which === 'its own' ? Infinity : 0 });
      const clock = handClock();
      const shared = createHedge({ clock, delayMs: 10, budget, share: 0 });
      // A hedge's own budget begins with ten.
      const calls = Array.from({ length: 11 }, () => {
        let told = 'nothing';
        new Observable<string>((to) => clock.after(100, () => to.next('orig')))
          .pipe(hedge(shared))
          .subscribe((value) => (told = value));
        return () => told;
      });
      clock.pass(100);
      expect([shared.state.hedges, shared.state.refused]).toEqual(which === 'its own' ? [10, 1] : [0, 11]);
      expect(calls.map((told) => told())).toEqual(Array(11).fill('orig'));
    },
  );

  it('Deposits into local RetryBudget only', () => {
    const clock = handClock();
    const budget = createBudget({ capacity: 50 });
    for (let n = 0; n < 10; n++) budget.take();
    const shared = createHedge({ clock, budget, delayMs: 10, share: 0.01 });
    shared.restore({ ...shared.snapshot(), budget: { version: 1, level: 0, taken: 0, refused: 0 } });
    for (let n = 0; n < 100; n++) new Observable<string>((to) => to.next('ok')).pipe(hedge(shared)).subscribe();
    expect([shared.state.level, budget.state.level]).toEqual([1, 40]);
  });

  it('Minimum sendBackupAfter, which can be overwritten', () => {
    const clock = handClock();
    const histogram = createHistogram({ clock });
    for (let n = 0; n < 100; n++) histogram.record(0.1);
    const delayOf = (options: HedgeOptions) => createHedge({ clock, histogram, ...options }).state.delayMs;
    // 1 ms there; the least that is worth a second request is ten here.
    expect([delayOf({}), delayOf({ minDelayMs: 1 })]).toEqual([10, 1]);
  });
});

// Finagle, WindowedPercentileHistogramTest: three parts of 10 s, as here. There what was counted is seen when its part
// is over, here at once.
describe('vectors of the WindowedPercentileHistogram of Finagle for the histogram of hedge', () => {
  const near = (ms: number) => expect.closeTo(ms, 0);

  it('Sliding window', () => {
    const clock = handClock(0);
    const histogram = createHistogram({ clock, windowMs: 30_000 });
    for (const ms of [1, 2, 3]) histogram.record(ms);
    expect(histogram.quantile(0.5)).toEqual(near(2));
    clock.pass(10_000);
    for (const ms of [4, 5, 6, 7]) histogram.record(ms);
    expect(histogram.quantile(0.5)).toEqual(near(4));
    clock.pass(10_000);
    for (const ms of [8, 9, 10]) histogram.record(ms);
    clock.pass(10_000);
    expect([0, 0.5, 1].map((q) => histogram.quantile(q))).toEqual([near(4), near(7), near(10)]);
  });

  it('Buckets are flushed, and an empty one knows nothing', () => {
    const clock = handClock();
    const histogram = createHistogram({ clock });
    // 0 there, which would hedge every call at once.
    expect(histogram.quantile(0.5)).toBeUndefined();
    histogram.record(100);
    for (const q of [0, 0.5, 1]) expect(Math.abs(histogram.quantile(q)! - 100)).toBeLessThan(3.3);
  });
});
