import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { Ring } from '../../lib/core/ring.js';

type Step = { readonly run: (ring: Ring<number>, model: number[]) => void };

const push = fc.integer().map<Step>((n) => ({
  run(ring, model) {
    ring.push(n);
    model.push(n);
  },
}));
const shift = fc.constant<Step>({ run: (ring, model) => expect(ring.shift()).toBe(model.shift()) });
const set = fc.tuple(fc.nat(), fc.integer()).map<Step>(([at, n]) => ({
  run(ring, model) {
    if (model.length === 0) return;
    ring.set(at % model.length, n);
    model[at % model.length] = n;
  },
}));
const clear = fc.constant<Step>({
  run(ring, model) {
    ring.clear();
    model.length = 0;
  },
});

describe('Ring', () => {
  it('behaves as an array with push and shift, whatever is done to it in whatever order', () => {
    const steps = fc.array(
      fc.oneof({ weight: 5, arbitrary: push }, { weight: 4, arbitrary: shift }, set, { weight: 1, arbitrary: clear }),
      {
        maxLength: 200,
      },
    );
    fc.assert(
      fc.property(fc.constantFrom(1, 2, 8, 32), steps, (capacity, all) => {
        const ring = new Ring<number>(capacity);
        const model: number[] = [];
        for (const { run } of all) {
          run(ring, model);
          expect(Array.from({ length: ring.length }, (_, n) => ring.at(n))).toEqual(model);
        }
      }),
    );
  });

  it('gives undefined when it is empty', () => {
    const ring = new Ring<number>();
    expect([ring.length, ring.shift(), ring.length]).toEqual([0, undefined, 0]);
  });

  it('keeps values that are undefined', () => {
    const ring = new Ring<undefined>(1);
    for (let n = 0; n < 3; n++) ring.push(undefined);
    expect(ring.length).toBe(3);
  });

  it('takes a million values in time that grows no faster than their number', () => {
    const ring = new Ring<number>();
    let sum = 0;
    for (let n = 0; n < 1_000_000; n++) ring.push(n);
    while (ring.length > 0) sum += ring.shift()!;
    expect(sum).toBe(499_999_500_000);
  });
});
