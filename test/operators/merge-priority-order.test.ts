import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { PriorityBacklog, type PriorityRules } from '../../lib/core/merge/priority-backlog.js';

interface Job {
  readonly id: number;
  readonly priority: number;
  readonly key: string;
  readonly cost: number;
}

const rules: PriorityRules<Job> = {
  priorityOf: ({ priority }) => priority,
  keyOf: ({ key }) => key,
  costOf: ({ cost }) => cost,
  classes: 4,
  ageing: 8,
};
const job = (priority: number, key = 'a', cost = 1, id = 0): Job => ({ id, priority, key, cost });

/** Takes so many, and puts one like it back for each: all classes and keys always have values that wait. */
function saturated(jobs: readonly Job[], count: number, changed: Partial<PriorityRules<Job>> = {}): Job[] {
  const backlog = new PriorityBacklog({ ...rules, ...changed });
  for (const one of jobs) for (let n = 0; n < 50; n++) backlog.push(one);
  return Array.from({ length: count }, () => {
    const taken = backlog.take();
    backlog.push(taken);
    return taken;
  });
}

const countBy = <K>(jobs: readonly Job[], of: (one: Job) => K): Map<K, number> =>
  new Map([...Map.groupBy(jobs, of)].map(([key, group]) => [key, group.length]));

describe('the classes of mergePriority', () => {
  it('all get some places under endless urgent work, the more urgent the more', () => {
    const taken = saturated(
      [0, 1, 2, 3].map((priority) => job(priority)),
      2_400,
    );
    const shares = countBy(taken, ({ priority }) => priority);
    expect([0, 1, 2, 3].map((priority) => shares.get(priority))).toEqual([1_900, 264, 140, 96]);
  });

  it('starve when ageing is Infinity', () => {
    const taken = saturated([job(0), job(3)], 190, { ageing: Infinity });
    expect(countBy(taken, ({ priority }) => priority)).toEqual(new Map([[0, 190]]));
  });

  it('are each served at the latest after ageing others for each class above, and as many as there are classes', () => {
    const script = fc.array(fc.oneof(fc.nat({ max: 5 }), fc.constant('take' as const)), { maxLength: 300 });
    fc.assert(
      fc.property(script, fc.integer({ min: 1, max: 5 }), (steps, ageing) => {
        const backlog = new PriorityBacklog({ ...rules, classes: 6, ageing });
        const waiting = [0, 0, 0, 0, 0, 0];
        const since = [0, 0, 0, 0, 0, 0];
        for (const step of steps) {
          if (step !== 'take') {
            if (waiting[step]!++ === 0) since[step] = 0;
            backlog.push(job(step));
          } else if (backlog.isReady) {
            const { priority } = backlog.take();
            waiting[priority]!--;
            for (const [index, count] of waiting.entries()) if (count > 0) since[index]!++;
            since[priority] = 0;
          }
          for (const [priority, passed] of since.entries()) expect(passed).toBeLessThanOrEqual(priority * ageing + 6);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('do not make old unimportant work overtake new urgent work', () => {
    const backlog = new PriorityBacklog(rules);
    for (let n = 0; n < 1_000; n++) backlog.push(job(3));
    for (let n = 0; n < 100; n++) backlog.take();
    for (let n = 0; n < 20; n++) backlog.push(job(0));
    const next = Array.from({ length: 24 }, () => backlog.take().priority);
    expect(next.filter((priority) => priority === 0)).toHaveLength(20);
  });
});

describe('the keys of mergePriority', () => {
  it('take turns, however many values one of them has', () => {
    const backlog = new PriorityBacklog(rules);
    for (let n = 0; n < 1_400; n++) backlog.push(job(0, 'heavy'));
    for (const key of ['b', 'c', 'd', 'e']) for (let n = 0; n < 20; n++) backlog.push(job(0, key));
    const first = Array.from({ length: 100 }, () => backlog.take());
    expect(countBy(first, ({ key }) => key)).toEqual(
      new Map([
        ['heavy', 20],
        ['b', 20],
        ['c', 20],
        ['d', 20],
        ['e', 20],
      ]),
    );
  });

  it('spend the same, where values cost differently', () => {
    const taken = saturated([job(0, 'cheap', 1), job(0, 'dear', 10), job(0, 'odd', 7)], 10_000);
    const spent = (key: string) => taken.filter((one) => one.key === key).reduce((sum, { cost }) => sum + cost, 0);
    const all = ['cheap', 'dear', 'odd'].map(spent);
    expect(Math.max(...all) - Math.min(...all)).toBeLessThanOrEqual(20);
  });

  it('take short turns again when a dear value is gone', () => {
    const backlog = new PriorityBacklog(rules);
    backlog.push(job(0, 'a', 100));
    backlog.take();
    for (const key of ['a', 'b']) for (let n = 0; n < 3; n++) backlog.push(job(0, key));
    expect(Array.from({ length: 6 }, () => backlog.take().key)).toEqual(['a', 'b', 'a', 'b', 'a', 'b']);
  });

  it('never get ahead of each other by more than two of the dearest values, and keep their order', () => {
    const values = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 1, max: 9 })), {
      minLength: 1,
      maxLength: 120,
    });
    fc.assert(
      fc.property(values, (all) => {
        const backlog = new PriorityBacklog(rules);
        for (const [id, [key, cost]] of all.entries()) backlog.push(job(0, key, cost, id));
        const left = countBy(
          all.map(([key, cost]) => job(0, key, cost)),
          ({ key }) => key,
        );
        const spent = new Map([...left.keys()].map((key) => [key, 0]));
        const last = new Map<string, number>();
        while (backlog.isReady) {
          const { id, key, cost } = backlog.take();
          expect(id).toBeGreaterThan(last.get(key) ?? -1);
          last.set(key, id);
          spent.set(key, spent.get(key)! + cost);
          left.set(key, left.get(key)! - 1);
          // Only while all of them have values that wait.
          if ([...left.values()].some((count) => count === 0)) break;
          expect(Math.max(...spent.values()) - Math.min(...spent.values())).toBeLessThanOrEqual(18);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
