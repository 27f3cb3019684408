import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { type Budget, type BudgetOptions, createBudget } from '../../lib/core/budget.js';

function spent(times: number, options?: BudgetOptions): Budget {
  const budget = createBudget(options);
  for (let n = 0; n < times; n++) budget.take();
  return budget;
}

describe('the snapshot of a budget', () => {
  it('survives JSON and goes on in another process', () => {
    const text = JSON.stringify(spent(12).snapshot());
    const budget = createBudget();
    budget.restore(JSON.parse(text));
    expect(budget.state).toEqual({ level: 0, capacity: 10, taken: 10, refused: 2 });
    expect(budget.take()).toBe(false);
  });

  it('keeps fractions', () => {
    const budget = spent(1);
    budget.earn();
    const other = createBudget();
    other.restore(budget.snapshot());
    expect(other.state.level).toBe(9.1);
  });

  it('fills no more than there is room for', () => {
    const budget = createBudget({ capacity: 3 });
    budget.restore(spent(2).snapshot());
    expect(budget.state.level).toBe(3);
  });

  it('of an unbounded budget survives JSON too', () => {
    const budget = createBudget({ capacity: Infinity });
    budget.restore(JSON.parse(JSON.stringify(budget.snapshot())));
    expect(budget.take()).toBe(true);
  });

  it('is told to those who follow', () => {
    const budget = createBudget();
    const levels: number[] = [];
    budget.changes.subscribe(({ level }) => levels.push(level));
    budget.restore(spent(4).snapshot());
    expect(levels).toEqual([10, 6]);
  });

  it.each([
    [{ version: 2, level: 1, taken: 0, refused: 0 }, 'createBudget.restore.version: must be 1, not 2'],
    [undefined, 'createBudget.restore.version: must be 1, not undefined'],
    [null, 'createBudget.restore: options must be a plain object'],
    [
      { version: 1, level: -1, taken: 0, refused: 0 },
      'createBudget.restore.level: must be a number, 0 or more, not -1',
    ],
    [{ version: 1, level: 1, refused: 0 }, 'createBudget.restore.taken: must be a number, 0 or more, not undefined'],
    [{ version: 1, level: 1, taken: 0, refused: 0, more: 1 }, 'createBudget.restore.more: unknown option'],
  ])('refuses %j and keeps what it has', (snapshot, message) => {
    const budget = spent(3);
    expect(() => budget.restore(snapshot as never)).toThrow(message);
    expect(budget.state).toMatchObject({ level: 7, taken: 3 });
  });
});

describe('configuring a budget', () => {
  it('keeps the level, and clamps it to a smaller capacity', () => {
    const budget = spent(3);
    budget.configure({ capacity: 20 });
    expect(budget.state).toMatchObject({ level: 7, capacity: 20 });
    budget.configure({ capacity: 5 });
    expect(budget.state).toEqual({ level: 5, capacity: 5, taken: 3, refused: 0 });
  });

  it('leaves alone what is not named', () => {
    const budget = spent(5, { capacity: 5, earn: 0.5 });
    budget.configure({});
    budget.configure({ capacity: 6 });
    budget.earn();
    expect(budget.state).toMatchObject({ level: 0.5, capacity: 6 });
    budget.configure({ earn: 2 });
    budget.earn();
    expect(budget.state).toMatchObject({ level: 2.5, capacity: 6 });
  });

  it('refuses what createBudget refuses, and changes nothing then', () => {
    const budget = createBudget();
    expect(() => budget.configure({ capacity: 3, earn: -1 })).toThrow('createBudget.earn');
    expect(() => budget.configure({ size: 3 } as object)).toThrow('createBudget.size: unknown option');
    expect(budget.state.capacity).toBe(10);
  });
});

describe('the level of a budget', () => {
  it('stays between 0 and its capacity whatever happens (grpc/proposal#27)', () => {
    const level = fc.integer({ min: 0, max: 20 });
    const step = fc.oneof(
      fc.constantFrom('take' as const, 'refund' as const, 'earn' as const),
      fc.record({ capacity: level }),
      fc.record({ version: fc.constant(1 as const), level, taken: level, refused: level }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const budget = createBudget({ capacity: 5, earn: 0.3 });
        for (const one of steps) {
          if (typeof one === 'string') budget[one]();
          else if ('version' in one) budget.restore(one);
          else budget.configure(one);
          const { level: now, capacity } = budget.state;
          expect(now >= 0 && now <= capacity).toBe(true);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('does not sink below 0 by refusals: the first refund buys one attempt', () => {
    const budget = spent(100);
    budget.refund();
    expect([budget.take(), budget.take()]).toEqual([true, false]);
  });
});
