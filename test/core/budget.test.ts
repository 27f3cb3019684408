import fc from 'fast-check';
import { take } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { type Budget, type BudgetState, createBudget } from '../../lib/core/budget.js';

function spend(budget: Budget, times: number): boolean[] {
  return Array.from({ length: times }, () => budget.take());
}

function listen(budget: Budget): BudgetState[] {
  const seen: BudgetState[] = [];
  budget.changes.subscribe((state) => seen.push(state));
  return seen;
}

describe('createBudget', () => {
  it('is full at the start, and refuses when it is spent', () => {
    const budget = createBudget({ capacity: 2 });
    expect(spend(budget, 3)).toEqual([true, true, false]);
    expect(budget.state).toEqual({ level: 0, capacity: 2, taken: 2, refused: 1 });
  });

  // failsafe-go #139, #106: a share of what is in flight gave nothing where little was.
  it('grants ten extra attempts by default', () => {
    expect(spend(createBudget(), 12).filter(Boolean).length).toBe(10);
  });

  it('pays for one extra attempt with exactly ten first-try successes', () => {
    const budget = createBudget();
    spend(budget, 10);
    for (let successes = 0; successes < 9; successes++) budget.earn();
    expect(budget.take()).toBe(false);
    budget.earn();
    expect(budget.take()).toBe(true);
    expect(budget.state.level).toBe(0);
  });

  it('gives the whole cost back for an extra attempt that won', () => {
    const budget = createBudget({ capacity: 1 });
    for (let failures = 0; failures < 100; failures++) {
      expect(budget.take()).toBe(true);
      budget.refund();
    }
    expect(budget.state).toEqual({ level: 1, capacity: 1, taken: 100, refused: 0 });
  });

  it('never holds more than its capacity', () => {
    const budget = createBudget({ capacity: 3, earn: 2 });
    budget.earn();
    budget.refund();
    expect(budget.state.level).toBe(3);
    expect(spend(budget, 4)).toEqual([true, true, true, false]);
  });

  it('never grants more than it began with, earned and got back', () => {
    const steps = fc.array(fc.constantFrom('take' as const, 'refund' as const, 'earn' as const), { maxLength: 300 });
    fc.assert(
      fc.property(steps, fc.integer({ min: 0, max: 5 }), (calls, capacity) => {
        const budget = createBudget({ capacity });
        for (const call of calls) {
          budget[call]();
          expect(budget.state.level >= 0 && budget.state.level <= capacity).toBe(true);
        }
        const paid =
          capacity + calls.filter((c) => c === 'refund').length + calls.filter((c) => c === 'earn').length / 10;
        expect(budget.state.taken).toBeLessThanOrEqual(paid);
      }),
    );
  });

  it('allows nothing with a capacity of 0, and everything with Infinity', () => {
    const none = createBudget({ capacity: 0 });
    none.earn();
    none.refund();
    expect(none.take()).toBe(false);
    const endless = createBudget({ capacity: Infinity });
    expect(spend(endless, 1000).every(Boolean)).toBe(true);
    expect(endless.state.level).toBe(Infinity);
  });

  it('refuses what is not a number from 0', () => {
    expect(() => createBudget({ capacity: -1 })).toThrow('createBudget.capacity: must be a number, 0 or more, not -1');
    expect(() => createBudget({ earn: NaN })).toThrow('createBudget.earn: must be a number, 0 or more, not NaN');
    expect(() => createBudget({ capasity: 1 } as object)).toThrow('did you mean "capacity"?');
  });
});

describe('the changes of a budget', () => {
  it('begin with the state now, then tell each change', () => {
    const budget = createBudget({ capacity: 1 });
    const seen = listen(budget);
    spend(budget, 2);
    budget.refund();
    expect(seen.map(({ level, taken, refused }) => [level, taken, refused])).toEqual([
      [1, 0, 0],
      [0, 1, 0],
      [0, 1, 1],
      [1, 1, 1],
    ]);
  });

  it('say nothing when nothing changes', () => {
    const budget = createBudget();
    const seen = listen(budget);
    budget.earn();
    budget.refund();
    expect(seen.length).toBe(1);
  });

  it('are snapshots', () => {
    const budget = createBudget();
    const before = budget.state;
    budget.take();
    expect(before.level).toBe(10);
  });

  it('reach every listener in order, also when one of them spends', () => {
    const budget = createBudget({ capacity: 3 });
    budget.changes.subscribe(({ level }) => {
      if (level === 2) budget.take();
    });
    const levels = listen(budget);
    budget.take();
    expect(levels.map(({ level }) => level)).toEqual([3, 2, 1]);
  });

  it('tell a listener of what it changes while it is told the first state', () => {
    const budget = createBudget({ capacity: 3 });
    const levels: number[] = [];
    budget.changes.subscribe(({ level }) => {
      levels.push(level);
      if (level === 3) budget.take();
    });
    expect(levels).toEqual([3, 2]);
  });

  it('let a listener leave', () => {
    const budget = createBudget();
    const levels: number[] = [];
    budget.changes.pipe(take(2)).subscribe(({ level }) => levels.push(level));
    spend(budget, 3);
    expect(levels).toEqual([10, 9]);
  });
});
