import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { readWindowCounts, RollingWindow } from '../../lib/core/policy/rolling-window.js';

const START = 1_700_000_000_000;

describe('RollingWindow', () => {
  it('counts what a list of times counts, whatever the pauses', () => {
    const step = fc.tuple(fc.nat(2), fc.oneof(fc.nat(150), fc.nat(3_000)));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const window = new RollingWindow(1_000, 10, 3);
        const log: { field: number; bucket: number }[] = [];
        let now = START;
        for (const [field, pause] of steps) {
          now += pause;
          const bucket = window.advance(now);
          window.add(field, 1, bucket);
          log.push({ field, bucket });
          const head = Math.floor(now / 100);
          const expected = [0, 1, 2].map(
            (one) => log.filter((entry) => entry.field === one && entry.bucket > head - 10).length,
          );
          expect([...window.totals]).toEqual(expected);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('takes back from the bucket it was counted in, and nothing once that is gone', () => {
    const window = new RollingWindow(1_000, 10, 1);
    const bucket = window.advance(START);
    window.add(0, 1, bucket);
    window.advance(START + 900);
    window.add(0, -1, bucket);
    expect(window.totals[0]).toBe(0);
    window.add(0, 1, bucket);
    window.advance(START + 1_000);
    window.add(0, -1, bucket);
    expect(window.totals[0]).toBe(0);
  });

  it('stands still when time does, and when it runs backwards', () => {
    const window = new RollingWindow(1_000, 10, 1);
    const bucket = window.advance(START);
    expect([window.advance(START), window.advance(START - 5_000)]).toEqual([bucket, bucket]);
  });

  it('goes on from its snapshot as if it had never stopped', () => {
    const [one, other] = [new RollingWindow(700, 7, 2), new RollingWindow(700, 7, 2)];
    for (let n = 0; n < 9; n++) one.add(n % 2, n, one.advance(START + n * 100));
    const kept = JSON.parse(JSON.stringify(one.snapshot(START + 850)));
    other.restore(readWindowCounts(kept, 2, 'test'), START + 1_000);
    for (const at of [1_000, 1_200, 1_500, 2_000]) {
      one.advance(START + at);
      other.advance(START + at);
      expect([...other.totals]).toEqual([...one.totals]);
    }
  });

  it('counts what comes from the future as of now', () => {
    const window = new RollingWindow(1_000, 10, 1);
    window.restore([{ atMs: START + 1e9, counts: [[0, 3]] }], START);
    expect(window.totals[0]).toBe(3);
    window.advance(START + 1_000);
    expect(window.totals[0]).toBe(0);
  });
});
