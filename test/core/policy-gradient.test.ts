import { describe, expect, it } from 'vitest';

import { type AdaptiveLimitOptions, createAdaptiveLimit } from '../../lib/core/policy/adaptive-limit.js';
import { Gradient } from '../../lib/core/policy/gradient.js';
import { RttWindow } from '../../lib/core/policy/rtt-window.js';

// Derived by hand from the formulae of Gradient2Limit, with our two changes:
//   long: mean of the first 10 windows, then long + 2 / 601 * (short - long); times 0.95 after use where long / short > 2
//   gradient = clamp(tolerance * long / short, 0.5, 1); next = estimate * gradient + (gradient = 1 ? 4 : 0)
//   estimate += smoothing * (next - estimate), within min and max; failures: estimate * 0.9
const rules = { min: 1, max: 200, tolerance: 1.5, smoothing: 0.2 };

function after(windows: readonly (readonly [shortMs: number, running: number])[], initial = 20): Gradient {
  const gradient = new Gradient(initial);
  for (const [shortMs, running] of windows) gradient.update(shortMs, running, rules);
  return gradient;
}

describe('Gradient', () => {
  it('adds a fifth of 4 per window while answers are as fast as usual', () => {
    expect(after([[100, 20]]).estimate).toBeCloseTo(20.8, 10); // 20 * 1 + 4 = 24; 20 + 0.2 * 4
    expect(
      after([
        [100, 20],
        [100, 20],
        [100, 20],
      ]).estimate,
    ).toBeCloseTo(22.4, 10);
  });

  it('falls by the gradient when answers are slower than tolerated, without headroom', () => {
    // long = (100 + 400) / 2 = 250; gradient = 1.5 * 250 / 400 = 0.9375; 20.8 * 0.9375 = 19.5; 20.8 + 0.2 * (19.5 - 20.8)
    expect(
      after([
        [100, 20],
        [400, 20],
      ]).estimate,
    ).toBeCloseTo(20.54, 10);
  });

  it('tolerates what is slower by half', () => {
    // long = (100 + 200) / 2 = 150; gradient = min(1, 1.5 * 150 / 200 = 1.125)
    expect(
      after([
        [100, 20],
        [200, 20],
      ]).estimate,
    ).toBeCloseTo(21.6, 10);
  });

  it('halves at most, before smoothing', () => {
    // 10 windows of 100, then long = 100 + 2 / 601 * 9900 = 132.95; 1.5 * 132.95 / 10000 = 0.02, so 0.5: 28 - 0.2 * 14
    const windows = Array.from({ length: 10 }, () => [100, 200] as const);
    expect(after([...windows, [10_000, 200]]).estimate).toBeCloseTo(28 - 0.2 * 14, 10);
  });

  it('makes the usual time of the mean of ten windows, then of a slow average', () => {
    const warm = Array.from({ length: 10 }, (_, index) => [index + 1, 1] as const);
    expect(after(warm).longMs).toBeCloseTo(5.5, 10);
    expect(after([...warm, [11, 1]]).longMs).toBeCloseTo(5.5 + (2 / 601) * 5.5, 10);
  });

  it('forgets a twentieth of a usual time that is more than twice the present one', () => {
    const warm = Array.from({ length: 10 }, () => [100, 1] as const);
    const longMs = 100 + (2 / 601) * (40 - 100);
    expect(after([...warm, [40, 1]]).longMs).toBeCloseTo(longMs * 0.95, 10);
    expect(after([...warm, [60, 1]]).longMs).toBeCloseTo(100 + (2 / 601) * -40, 10);
  });

  it('holds while less than half of the limit is used', () => {
    expect(after([[100, 9]]).estimate).toBe(20);
    expect(after([[100, 10]]).estimate).toBeCloseTo(20.8, 10);
    expect(
      after([
        [100, 20],
        [900, 9],
      ]).estimate,
    ).toBeCloseTo(20.8, 10);
  });

  it('loses a tenth when calls fail', () => {
    const gradient = after([[100, 20]]);
    gradient.drop(rules);
    expect(gradient.estimate).toBeCloseTo(18.72, 10);
  });

  it('stays within its bounds', () => {
    const up = after(Array.from({ length: 500 }, () => [100, 200] as const));
    expect(up.estimate).toBe(200);
    for (let n = 0; n < 500; n++) up.drop(rules);
    expect(up.estimate).toBe(1);
  });

  it('does not creep up where answers take longer than usual (concurrency-limits #134: + 4 at a gradient of 0.8)', () => {
    const gradient = after(Array.from({ length: 10 }, () => [100, 200] as const));
    const before = gradient.estimate;
    for (let n = 0; n < 100; n++) gradient.update((1.5 * gradient.longMs!) / 0.8, 200, rules);
    expect(gradient.estimate).toBeLessThan(before / 2);
  });
});

describe('RttWindow', () => {
  const filled = (calls: number, ms: number, failures = 0) => {
    const rtt = new RttWindow();
    rtt.close(0, 1000);
    for (let n = 0; n < calls; n++) rtt.add(ms, n + 1, 'success');
    for (let n = 0; n < failures; n++) rtt.add(1, 1, 'failure');
    return rtt;
  };

  it('is over after a second and ten calls, and begins anew', () => {
    expect(filled(10, 50).close(999, 1000)).toBeUndefined();
    expect(filled(9, 50).close(5000, 1000)).toBeUndefined();
    const rtt = filled(10, 50);
    expect(rtt.close(1000, 1000)).toEqual({ meanMs: 50, running: 10, failed: false });
    expect(rtt.close(9000, 1000)).toBeUndefined();
    expect(rtt.latestMs).toBe(50);
  });

  it('lasts twice as long as calls take, where that is more', () => {
    expect(filled(10, 700).close(1399, 1000)).toBeUndefined();
    expect(filled(10, 700).close(1400, 1000)).toMatchObject({ meanMs: 700 });
  });

  it('counts failures as calls (concurrency-limits #126: left out, the limit freezes), but not their time', () => {
    expect(filled(0, 0, 10).close(1000, 1000)).toEqual({ meanMs: 0, running: 1, failed: true });
    expect(filled(9, 50, 1).close(1000, 1000)).toEqual({ meanMs: 50, running: 9, failed: true });
  });

  it('shows failure from a tenth of the calls on', () => {
    expect(filled(90, 50, 10).close(1000, 1000)).toMatchObject({ failed: true });
    expect(filled(91, 50, 10).close(1000, 1000)).toMatchObject({ failed: false });
  });

  it('leaves out what says nothing about load', () => {
    const rtt = new RttWindow();
    expect(rtt.add(50, 1, 'ignored')).toBe(false);
    expect(rtt.add(50, 1, 'answered')).toBe(false);
    expect(rtt.add(0.01, 1, 'success')).toBe(false);
    expect(rtt.add(50, 1, 'success')).toBe(true);
  });
});

describe('createAdaptiveLimit', () => {
  it.each([
    [{ min: 0 }, 'createAdaptiveLimit.min'],
    [{ min: 9, max: 8 }, 'createAdaptiveLimit.max'],
    [{ max: Infinity }, 'createAdaptiveLimit.max'],
    [{ initial: 0 }, 'createAdaptiveLimit.initial'],
    [{ initial: 300 }, 'createAdaptiveLimit.initial: must not be above max, which is 200'],
    [{ tolerance: 0.9 }, 'createAdaptiveLimit.tolerance'],
    [{ smoothing: 0 }, 'createAdaptiveLimit.smoothing: must be above 0'],
    [{ smoothing: 1.1 }, 'createAdaptiveLimit.smoothing'],
    [{ windowMs: 0 }, 'createAdaptiveLimit.windowMs'],
    [{ window: 1 }, 'did you mean "windowMs"?'],
  ])('refuses %o', (options, message) => {
    expect(() => createAdaptiveLimit(options as AdaptiveLimitOptions)).toThrow(message);
  });

  it('begins with 20, or with the nearest there is', () => {
    expect([{}, { max: 5 }, { min: 30 }, { initial: 7 }].map((options) => createAdaptiveLimit(options).limit)).toEqual([
      20, 5, 30, 7,
    ]);
  });
});
