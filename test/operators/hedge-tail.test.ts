import { Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { createHedge } from '../../lib/core/policy/hedge.js';
import type { HedgeOptions } from '../../lib/core/policy/hedge-types.js';
import { hedge } from '../../operators/hedge.js';
import { handClock } from '../support/hand-clock.js';

// Latencies of one leaf in Dean and Barroso, "The Tail at Scale", table 1: p50 1 ms, p95 5 ms, p99 10 ms; the rest follows
// from what they report for the slowest of 100: p50 40 ms, p95 87 ms, p99 140 ms.
const KNOTS: readonly (readonly [share: number, ms: number])[] = [
  [0, 0.5],
  [0.5, 1],
  [0.95, 5],
  [0.99, 10],
  [0.5 ** 0.01, 40],
  [0.95 ** 0.01, 87],
  [0.99 ** 0.01, 140],
  [1, 300],
];

function latency(share: number): number {
  const above = KNOTS.findIndex(([knot]) => share < knot);
  const [[from, low], [to, high]] = [KNOTS[above - 1]!, KNOTS[above]!];
  return low * (high / low) ** ((share - from) / (to - from));
}

/** The 99th percentile of the slowest of 100 leaves, over so many calls, and the extra load. */
function fanOut(calls: number, options: HedgeOptions) {
  let seed = 42;
  const random = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
  const clock = handClock();
  const shared = createHedge({ clock, minDelayMs: 1, ...options });
  const leaf = new Observable<number>((subscriber) =>
    clock.after(latency(random()), () => {
      subscriber.next(1);
      subscriber.complete();
    }),
  );
  const slowest: number[] = [];
  for (let call = 0; call < calls; call++) {
    const startMs = clock.now();
    let left = 100;
    for (let n = 0; n < 100; n++) leaf.pipe(hedge(shared)).subscribe({ complete: () => left-- });
    while (left > 0) clock.pass(1);
    slowest.push(clock.now() - startMs);
  }
  slowest.sort((a, b) => a - b);
  return { p99Ms: slowest[Math.floor(calls * 0.99)]!, extra: shared.state.hedges / shared.state.calls };
}

describe('the tail of a call to a hundred servers', () => {
  it('is above 110 ms without hedges, and below 20 ms with one at the 95th percentile, for 5 % more requests', () => {
    const without = fanOut(400, { delayMs: Infinity });
    expect(without.p99Ms).toBeGreaterThan(110);
    // 6 % pay for each hedge at the 95th percentile. Exactly 5 % pay for 99 of 100: calls need more now and then.
    const hedged = fanOut(400, { share: 0.06 });
    expect(hedged.p99Ms).toBeLessThan(20);
    expect(hedged.extra).toBeGreaterThan(0.045);
    expect(hedged.extra).toBeLessThan(0.055);
  });
});
