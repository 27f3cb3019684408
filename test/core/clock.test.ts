import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { systemClock } from '../../lib/core/clock.js';

describe('systemClock', () => {
  beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }));
  afterEach(() => void vi.useRealTimers());

  it('says how many milliseconds have passed since 1970', () => {
    vi.useRealTimers();
    expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(5_000);
    const before = systemClock.now();
    expect(systemClock.now()).toBeGreaterThanOrEqual(before);
  });

  it('runs a function once, when the time is over', () => {
    const run = vi.fn<() => void>();
    systemClock.after(100, run);
    vi.advanceTimersByTime(99);
    expect(run).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1_000);
    expect(run).toHaveBeenCalledTimes(1);
  });

  it('never runs what is cancelled, however often', () => {
    const run = vi.fn<() => void>();
    const cancel = systemClock.after(100, run);
    cancel();
    cancel();
    vi.advanceTimersByTime(1_000);
    expect(run).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([0, -5])('runs after %s ms in a turn of its own', (ms) => {
    const run = vi.fn<() => void>();
    systemClock.after(ms, run);
    expect(run).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(run).toHaveBeenCalledTimes(1);
  });

  it('waits in steps for what setTimeout cannot wait for, and can be cancelled in any of them', () => {
    const dayMs = 86_400_000;
    const [run, never] = [vi.fn<() => void>(), vi.fn<() => void>()];
    systemClock.after(60 * dayMs, run);
    const cancel = systemClock.after(60 * dayMs, never);
    vi.advanceTimersByTime(30 * dayMs);
    cancel();
    vi.advanceTimersByTime(30 * dayMs - 1);
    expect(run).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect([run.mock.calls.length, never.mock.calls.length, vi.getTimerCount()]).toEqual([1, 0, 0]);
  });
});
