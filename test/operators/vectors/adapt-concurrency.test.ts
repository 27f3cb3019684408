import { describe, expect, it } from 'vitest';

import { type AdaptiveLimitOptions, createAdaptiveLimit } from '../../../lib/core/policy/adaptive-limit.js';
import { Gradient } from '../../../lib/core/policy/gradient.js';
import { handClock } from '../../support/hand-clock.js';

/** A limit that is told of windows of a second: ten calls of so many ms, while so many ran; `fails` when they failed. */
function limited(options: AdaptiveLimitOptions) {
  const clock = handClock();
  const limit = createAdaptiveLimit({ clock, ...options });
  limit.sample(1, 1, 'failure');
  const window = (ms: number, running: number, outcome: 'success' | 'failure' = 'success'): number => {
    for (let n = 0; n < 10; n++) limit.sample(ms, running, outcome);
    clock.pass(Math.max(1_000, 3 * ms));
    limit.sample(ms, running, outcome);
    return limit.limit;
  };
  return { limit, window };
}

const rules = { min: 1, max: 1_000, tolerance: 1.5, smoothing: 0.2 };

// Netflix concurrency-limits, AIMDLimitTest: one more for each success there, 0.8 for each window of them here.
describe('vectors of the AIMDLimit of Netflix for adaptConcurrency', () => {
  it('testDefault: begins as it is told', () => {
    expect(createAdaptiveLimit({ initial: 10 }).limit).toBe(10);
  });

  it('increaseOnSuccess: rises while half of it is used', () => {
    const gradient = new Gradient(20);
    gradient.update(1, 10, rules);
    expect(gradient.estimate).toBeCloseTo(20.8, 9);
  });

  it('decreaseOnDrops: 30 becomes 27', () => {
    const gradient = new Gradient(30);
    gradient.drop(rules);
    expect(gradient.estimate).toBe(27);
  });

  it('successOverflow: rises no further than it may', () => {
    const gradient = new Gradient(21);
    gradient.update(1, 21, { ...rules, max: 21 });
    expect(gradient.estimate).toBe(21);
  });
});

// ExpAvgMeasurementTest: the mean of the first ten, then a moving average; over 100 samples there, over 600 here.
describe('vectors of the ExpAvgMeasurement of Netflix for adaptConcurrency', () => {
  it('testWarmup', () => {
    const gradient = new Gradient(20);
    const averages = Array.from({ length: 10 }, (_, n) => (gradient.update(n + 10, 20, rules), gradient.longMs));
    expect(averages).toEqual([10, 10.5, 11, 11.5, 12, 12.5, 13, 13.5, 14, 14.5]);
    gradient.update(100, 20, rules);
    // 16.2 there.
    expect(gradient.longMs).toBeCloseTo(14.5 + (2 / 601) * (100 - 14.5), 9);
  });
});

// VegasLimitTest: another algorithm, so that only whether the limit rises, holds or falls can be the same.
describe('vectors of the VegasLimit of Netflix for adaptConcurrency', () => {
  it.each([
    ['increaseLimit', [10, 10], [10, 11], 'rises'],
    ['decreaseLimit', [10, 10], [50, 11], 'falls'],
    // 4 ms in 10 hold it there; up to half more is tolerated here, as in Gradient2.
    ['noChangeIfWithinThresholds', [10, 10], [14, 14], 'rises'],
    ['largeLimitIncrease', [10_000, 10], [10_000, 11], 'rises'],
  ] as const)('%s', (_, [restMs, atRest], [ms, running], expected) => {
    const gradient = new Gradient(10);
    gradient.update(restMs, atRest, rules);
    const before = gradient.estimate;
    gradient.update(ms, running, rules);
    const moved = gradient.estimate - before;
    expect(moved > 0 ? 'rises' : moved < 0 ? 'falls' : 'holds').toBe(expected);
  });

  it('decreaseSmoothing: twice as slow, half of it at a smoothing of one half', () => {
    const gradient = new Gradient(100);
    const halving = { ...rules, tolerance: 1, smoothing: 0.5 };
    gradient.update(10, 40, halving);
    // At rest it is told nothing: less than half of it is used.
    expect(gradient.estimate).toBe(100);
    gradient.longMs = 10;
    gradient.windows = 10;
    gradient.update(20, 100, halving);
    expect(gradient.estimate).toBeCloseTo(75, 0);
    gradient.update(20, 100, halving);
    expect(gradient.estimate).toBeCloseTo(56, 0);
  });

  it('decreaseWithoutSmoothing: 100, 50, 25', () => {
    const gradient = new Gradient(100);
    const halving = { ...rules, tolerance: 1, smoothing: 1 };
    Object.assign(gradient, { longMs: 10, windows: 10 });
    const limits = [20, 20].map((ms) => (gradient.update(ms, 100, halving), Math.round(gradient.estimate)));
    expect(limits).toEqual([50, 25]);
  });
});

// failsafe-go, adaptivelimiter/adaptivelimiter_test.go: a base of a second, from 20, at most 200.
describe('vectors of failsafe-go for adaptConcurrency', () => {
  it('begins with 20, or as it is told', () => {
    expect(createAdaptiveLimit().limit).toBe(20);
    expect(createAdaptiveLimit({ min: 1, max: 10, initial: 5 }).limit).toBe(5);
  });

  it.each([
    // Half as long as the base is no sign of load either.
    ['increase limit', [1_000, 1_000, 500], 'rises'],
    ['decrease limit', [2_000, 2_000], 'falls'],
    // 1.3 times the base holds it there; here it is tolerated.
    ['hold limit', [1_300, 1_300], 'rises'],
  ] as const)('%s', (_, times, expected) => {
    const gradient = new Gradient(20);
    Object.assign(gradient, { longMs: 1_000, windows: 10 });
    const before = gradient.estimate;
    for (const ms of times) gradient.update(ms, 20, rules);
    expect(gradient.estimate > before ? 'rises' : 'falls').toBe(expected);
  });

  // There it rises at 5 in use of 20 too, up to five times the most that was in use; here it holds below half of it.
  it('learns nothing from what uses little of it', () => {
    const { window } = limited({});
    expect([window(1_000, 5), window(1_000, 5), window(1_000, 5)]).toEqual([20, 20, 20]);
  });
});

// ImmutableAverageSampleWindowTest: 5000, 500 and 10 are 1,836 on average. There a call that was dropped counts with its
// time, here the time of a failure says nothing of how long an answer takes.
describe('vectors of the sample windows of Netflix for adaptConcurrency', () => {
  it('calculateAverage', () => {
    const clock = handClock();
    const limit = createAdaptiveLimit({ clock });
    limit.sample(1, 1, 'failure');
    for (let n = 0; n < 4; n++) for (const ms of [5_000, 500, 10]) limit.sample(ms, 1, 'success');
    clock.pass(10_000);
    limit.sample(5_000, 1, 'failure');
    expect(limit.state.shortMs).toBeCloseTo(5_510 / 3, 9);
  });
});
