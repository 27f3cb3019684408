import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { createHistogram } from '../../lib/core/policy/histogram.js';
import { handClock } from '../support/hand-clock.js';

function filled(durations: Iterable<number>, options = {}) {
  const clock = handClock();
  const histogram = createHistogram({ clock, ...options });
  for (const ms of durations) histogram.record(ms);
  return { clock, histogram };
}

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

describe('createHistogram', () => {
  it('knows nothing while it is empty', () => {
    const { histogram } = filled([]);
    expect(histogram.quantile(0.95)).toBeUndefined();
    expect(histogram.state).toEqual({ count: 0, p50Ms: undefined, p95Ms: undefined, p99Ms: undefined });
  });

  it('gives quantiles at most 3.2 % or 0.07 ms above the true ones, and never below', () => {
    const duration = fc.oneof(fc.double({ min: 0, max: 5 }), fc.double({ min: 0, max: 60_000 }), fc.nat(4_000_000));
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    const durations = fc.array(
      duration.filter((ms) => !Number.isNaN(ms)),
      { minLength: 1, maxLength: 200 },
    );
    fc.assert(
      fc.property(durations, share, (given, wanted) => {
        const { histogram } = filled(given);
        const sorted = given.toSorted((a, b) => a - b);
        const exact = sorted[Math.max(1, Math.ceil(wanted * sorted.length - 1e-9)) - 1]!;
        const shown = histogram.quantile(wanted)!;
        expect(shown).toBeGreaterThanOrEqual(exact);
        expect(shown).toBeLessThanOrEqual(Math.max(exact * 1.032, exact + 0.07));
      }),
      { numRuns: 2_000 },
    );
  });

  it('gives the 95th of a hundred for 0.95, the first for 0 and the last for 1', () => {
    const { histogram } = filled(upTo(100));
    expect([histogram.quantile(0), histogram.quantile(0.07), histogram.quantile(0.95), histogram.quantile(1)]).toEqual([
      1.0625, 7.125, 96, 102,
    ]);
  });

  it('takes what is no duration for 0, and what is too long for 70 minutes', () => {
    const { histogram } = filled([-5, NaN]);
    expect([histogram.count, histogram.quantile(1)]).toEqual([2, 0.0625]);
    histogram.record(Infinity);
    expect(histogram.quantile(1)).toBe(2 ** 22);
  });

  it('drops a third of its window at a time', () => {
    const { clock, histogram } = filled([1]);
    clock.pass(10_000);
    histogram.record(2);
    clock.pass(19_999);
    expect(histogram.count).toBe(2);
    clock.pass(1);
    expect(histogram.count).toBe(1);
    clock.pass(3_600_000);
    expect([histogram.count, histogram.quantile(0.5)]).toEqual([0, undefined]);
  });

  it('goes on from its snapshot in another process', () => {
    const { clock, histogram } = filled(upTo(50));
    clock.pass(15_000);
    histogram.record(400);
    const other = createHistogram({ clock });
    other.restore(JSON.parse(JSON.stringify(histogram.snapshot())));
    expect(other.state).toEqual(histogram.state);
    clock.pass(15_000);
    expect([other.count, other.quantile(0.5)]).toEqual([1, histogram.quantile(0.5)]);
  });

  it('finds its quantiles also in a snapshot whose sum is wrong', () => {
    const { clock, histogram } = filled([]);
    const counts = [
      [3, 2],
      [704, 900],
    ];
    histogram.restore({ version: 1, window: [{ atMs: clock.now(), counts: counts as [number, number][] }] });
    expect([histogram.count, histogram.quantile(1)]).toEqual([2, 0.25]);
  });

  it('refuses what is no snapshot, and keeps what it has', () => {
    const { histogram } = filled([5]);
    expect(() => histogram.restore({ version: 1, window: 'x' } as never)).toThrow('createHistogram.restore.window');
    expect(() => histogram.restore({} as never)).toThrow('createHistogram.restore.version');
    expect(histogram.count).toBe(1);
  });

  it('keeps what a new window holds when it is configured', () => {
    const { clock, histogram } = filled([5]);
    clock.pass(20_000);
    histogram.record(6);
    histogram.configure({});
    expect(histogram.count).toBe(2);
    histogram.configure({ windowMs: 6_000 });
    expect(histogram.count).toBe(1);
  });

  it('refuses a window or a share that is none', () => {
    expect(() => createHistogram({ windowMs: 0 })).toThrow('createHistogram.windowMs: must be a number from 1');
    expect(() => createHistogram({ window: 1 } as object)).toThrow('createHistogram.window: unknown option');
    expect(() => filled([1]).histogram.configure({ windowMs: NaN })).toThrow('createHistogram.windowMs');
    expect(() => filled([1]).histogram.quantile(95)).toThrow('quantile: must be a number from 0 to 1, not 95');
  });

  it('tells its changes', () => {
    const { histogram } = filled([]);
    const counts: number[] = [];
    histogram.changes.subscribe(({ count }) => counts.push(count));
    histogram.record(1);
    histogram.record(1);
    expect(counts).toEqual([0, 1, 2]);
  });
});
