import { describe, expect, it } from 'vitest';

import { Codel } from '../../lib/core/policy/codel.js';

/** When one of those that wait must go, asked each millisecond. */
function drops(waitedMs: (now: number) => number, forMs: number): number[] {
  const codel = new Codel();
  return Array.from({ length: forMs }, (_, now) => now).filter((now) => codel.drops(waitedMs(now), now));
}

describe('Codel', () => {
  it('drops one after an interval above the target, then at intervals that shrink with the root of their number', () => {
    // RFC 8289, section 5.4: next = last + 100 / sqrt(count), by hand: 100, +100, +70.7, +57.7, +50, +44.7
    expect(drops(() => 20, 430)).toEqual([100, 200, 271, 329, 379, 424]);
  });

  it('drops none while waits are below the target', () => {
    expect(drops(() => 4.9, 1000)).toEqual([]);
  });

  // folly, CodelTest.cpp: at 5 and 100 ms as here. It drops by the least wait of the interval before, so that waits far
  // above the target cost a call sooner; here they must be above it for an interval, as in the RFC.
  it.each([
    ['oneRequestNoDrop', [[0, 20]], []],
    [
      'mediumLoad',
      [
        [0, 20],
        [90, 8],
      ],
      [],
    ],
    [
      'reducingLoad',
      [
        [0, 20],
        [90, 4],
      ],
      [],
    ],
    ['highLoad', [[0, 40]], []],
    // There the second at 200 is dropped, and the one at 400.
    [
      'Basic',
      [
        [110, 100],
        [200, 50],
        [200, 50],
        [310, 2],
        [400, 20],
      ],
      [],
    ],
    [
      'Basic, ten milliseconds later',
      [
        [110, 100],
        [210, 50],
        [210, 50],
        [320, 2],
        [410, 20],
      ],
      [210],
    ],
  ] as [string, [number, number][], number[]][])('%s of folly', (_, asked, dropped) => {
    const codel = new Codel();
    expect(asked.filter(([now, waitedMs]) => codel.drops(waitedMs, now)).map(([now]) => now)).toEqual(dropped);
  });

  it('begins anew when a wait was below the target', () => {
    expect(drops((now) => (now === 250 ? 1 : 20), 460)).toEqual([100, 200, 351, 451]);
    expect(drops((now) => (now % 90 === 0 ? 1 : 20), 1000)).toEqual([]);
  });
});
