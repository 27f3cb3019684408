import { describe, expect, it } from 'vitest';

import { createBudget } from '../../lib/core/budget.js';

/** After each of so many calls that succeed, one extra attempt is wanted; @returns how many were granted. */
function granted(calls: number, earn: number, reserve: number): number {
  const budget = createBudget({ earn, capacity: 20 });
  budget.restore({ version: 1, level: reserve, taken: 0, refused: 0 });
  for (let n = 0; n < calls; n++) {
    budget.earn();
    budget.take();
  }
  return budget.state.taken;
}

// Finagle, RetryBudgetTest: a share of 10,000 calls may be repeated, and what is reserved. There the reserve comes back
// with time; here it is what the budget holds at the start, and nothing comes back by time.
describe('vectors of the RetryBudget of Finagle for createBudget', () => {
  it.each([0.1, 0.5, 0.25, 0.75, 0.99, 0.999, 0.9999, 0.01, 0.001, 0.0001])('%d of the calls', (share) => {
    expect(granted(10_000, share, 0)).toBe(Math.floor(10_000 * share + 1e-6));
  });

  it.each([
    [10, 0],
    [10, 0.1],
    [10, 0.5],
  ])('a reserve of %i, and %d of the calls', (reserve, share) => {
    expect(granted(10_000, share, reserve)).toBe(10_000 * share + reserve);
  });

  it('minRetriesPerSec=0 maxPercentOver=0 is empty', () => {
    expect(granted(100, 0, 0)).toBe(0);
  });

  it('maxPercentOver greater than 1.0', () => {
    const budget = createBudget({ earn: 2, capacity: Infinity });
    budget.restore({ version: 1, level: 0, taken: 0, refused: 0 });
    expect(budget.take()).toBe(false);
    for (let n = 0; n < 10_000; n++) budget.earn();
    expect(budget.state.level).toBe(20_000);
  });

  it('Infinite', () => {
    const budget = createBudget({ capacity: Infinity });
    expect(Array.from({ length: 1_000 }, () => budget.take()).every(Boolean)).toBe(true);
  });
});
