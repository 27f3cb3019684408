import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { Permit } from '../../lib/core/policy/permit.js';
import { WaitList } from '../../lib/core/policy/wait-list.js';

class Waiter extends Permit {
  protected granted(): void {}
  protected refused(): void {}
}

function forwards(list: WaitList): Permit[] {
  const found: Permit[] = [];
  for (let permit = list.first; permit; permit = permit.next) found.push(permit);
  return found;
}

function backwards(list: WaitList): Permit[] {
  const found: Permit[] = [];
  for (let permit = list.last; permit; permit = permit.prev) found.push(permit);
  return found;
}

describe('WaitList', () => {
  it('does what an array does, whoever leaves', () => {
    const step = fc.option(fc.nat(), { freq: 2 });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const list = new WaitList();
        const model: Waiter[] = [];
        for (const leaves of steps) {
          if (leaves === null) {
            const permit = new Waiter();
            list.push(permit);
            model.push(permit);
          } else if (model.length > 0) {
            const [permit] = model.splice(leaves % model.length, 1);
            list.remove(permit!);
            expect([permit!.prev, permit!.next]).toEqual([undefined, undefined]);
          }
          expect(list.length).toBe(model.length);
          expect(forwards(list).every((permit, index) => permit === model[index])).toBe(true);
          expect(backwards(list).every((permit, index) => permit === model[model.length - 1 - index])).toBe(true);
          expect(backwards(list).length).toBe(model.length);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('takes one back that has left', () => {
    const list = new WaitList();
    const [a, b] = [new Waiter(), new Waiter()];
    list.push(a);
    list.push(b);
    list.remove(a);
    list.push(a);
    expect(forwards(list).map((permit) => permit === a)).toEqual([false, true]);
  });
});
