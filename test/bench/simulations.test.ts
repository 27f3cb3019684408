import { describe, expect, it } from 'vitest';

import { simulateLimit } from '../../bench/simulations/adaptive-limit.ts';
import { simulateFairness } from '../../bench/simulations/fairness.ts';
import { simulateHedge } from '../../bench/simulations/hedging.ts';
import { simulateJitter } from '../../bench/simulations/jitter.ts';
import { simulateQueue } from '../../bench/simulations/queues.ts';
import { simulateStorm } from '../../bench/simulations/retry-storm.ts';
import { simulateRecovery } from '../../bench/simulations/throttle-recovery.ts';

// Hours of virtual time, minutes of a busy machine.
const LONG = { timeout: 240_000 };

/** Within a band, both ends included. */
function expectBand(value: number, from: number, to: number): void {
  expect(value).toBeGreaterThanOrEqual(from);
  expect(value).toBeLessThanOrEqual(to);
}

describe('jitter, as the AWS article has it', LONG, () => {
  const rows = new Map(simulateJitter(1, 30, [100]).map((row) => [row.name, row]));
  const of = (name: string) => rows.get(name)!;

  it('halves the calls of a hundred clients that contend, and is far faster than backoff without it', () => {
    expectBand(of('full jitter').calls / of('no backoff').calls, 0.28, 0.38);
    expectBand(of('full jitter').calls / of('exponential, no jitter').calls, 0.38, 0.48);
    expectBand(of('exponential, no jitter').timeMs / of('full jitter').timeMs, 11, 16);
  });

  it('needs the calls and the time of the published runs', () => {
    expectBand(of('no backoff').calls, 2_300, 2_550);
    expectBand(of('exponential, no jitter').calls, 1_780, 1_960);
    expectBand(of('full jitter').calls, 750, 840);
    expectBand(of('full jitter').timeMs, 4_300, 5_300);
    expectBand(of('equal jitter').timeMs, 6_000, 7_300);
    expectBand(of('decorrelated jitter').calls, 950, 1_050);
  });
});

describe('hedging, as "The Tail at Scale" has it', LONG, () => {
  it('finds the tail of a fan-out to a hundred servers', () => {
    const { p50, p99 } = simulateHedge(1, 'fan-out 100, no hedge', 2_000);
    expectBand(p50, 38, 42);
    expectBand(p99, 120, 165);
  });

  it('brings its p99 from 140 to 15 ms for 5 % more requests', () => {
    const { p99, extra } = simulateHedge(1, 'hedge after 5 ms', 2_000);
    expectBand(p99, 12, 18);
    expectBand(extra, 0.045, 0.055);
  });

  it('does nearly as well when it finds the time to hedge after by itself', () => {
    const { p99, extra } = simulateHedge(1, 'hedge at the live p95', 2_000);
    expectBand(p99, 12, 27);
    expectBand(extra, 0.04, 0.06);
  });

  it('gains at the 99.9th percentile what a second hedge adds', () => {
    const { p999, extra } = simulateHedge(1, 'two hedges, 5 ms apart', 2_000);
    expectBand(p999, 12, 18);
    expectBand(extra, 0.045, 0.056);
  });

  it('brings the p99.9 of the BigTable case from 1 800 to 75 ms for 2 % more requests', () => {
    const before = simulateHedge(1, 'BigTable, no hedge', 4_000);
    const after = simulateHedge(1, 'BigTable, hedge after 10 ms', 4_000);
    expectBand(before.p999, 1_650, 1_850);
    expectBand(after.p999, 60, 95);
    expectBand(after.extra, 0.018, 0.022);
  });
});

describe('a retry storm', LONG, () => {
  it.each([1, 100])('never ends for %i clients that retry without a budget', (clients) => {
    const row = simulateStorm(1, '3 attempts, no budget', clients, 90);
    expect(row.recoveredAfterS).toBe(Infinity);
    expect(Math.max(...row.goodput.slice(60, 85))).toBeLessThan(0.02);
    expectBand(row.peakLoad, 2.7, 3.2);
  });

  it.each([1, 2, 3])('is over within 20 s for a hundred clients with budgets, with seed %i', (seed) => {
    const row = simulateStorm(seed, '3 attempts, budget of ours', 100, 90);
    expectBand(row.recoveredAfterS, 10, 20);
    expectBand(row.peakLoad, 1, 1.4);
  });

  it('lasts as long without any retry', () => {
    expectBand(simulateStorm(1, 'no retry', 100, 90).recoveredAfterS, 10, 20);
  });
});

describe('a limit on concurrency while capacity halves and doubles', LONG, () => {
  it('serves what there is in all three phases where it adapts', () => {
    const { phases } = simulateLimit(1, 'adaptive');
    const [full, half, double] = phases;
    expectBand(full!.goodput, 380, 415);
    expectBand(half!.goodput, 190, 210);
    expectBand(double!.goodput, 580, 610);
    for (const { p99Ms } of phases) expect(p99Ms).toBeLessThan(340);
  });

  it('collapses where it is too high, and wastes half where it is too low', () => {
    const [, half] = simulateLimit(1, 'fixed at 200').phases;
    expect(half!.goodput).toBeLessThan(80);
    const [, , double] = simulateLimit(1, 'fixed at 20').phases;
    expectBand(double!.goodput, 355, 385);
  });

  it('is needed: without one nothing is answered in time', () => {
    for (const { goodput } of simulateLimit(1, 'no limit').phases) expect(goodput).toBeLessThan(20);
  });
});

describe('those who wait', LONG, () => {
  it('are all served too late where a line has no bound, long after the burst too', () => {
    const { useful, perSecond } = simulateQueue(1, 'first come, first served, no bound');
    expect(useful).toBeLessThan(60);
    expect(Math.max(...perSecond.slice(31, 55))).toBeLessThan(20);
  });

  it('are served at full rate by a short line, and sooner by adaptive LIFO and CoDel', () => {
    const short = simulateQueue(1, 'first come, first served, 100 wait');
    const ours = simulateQueue(1, 'adaptive LIFO and CoDel');
    expectBand(short.useful, 980, 1_030);
    expectBand(ours.useful, 970, 1_030);
    expectBand(ours.p99Ms, 440, 550);
    expect(ours.p99Ms).toBeLessThan(short.p99Ms);
  });

  it('waste little when doomed calls do not start', () => {
    expectBand(simulateQueue(1, 'callers leave, doomed calls do not start').useful, 700, 950);
  });

  it('get their share beside a heavy tenant when each has a line of its own', () => {
    const one = simulateFairness(1, false);
    const each = simulateFairness(1, true);
    expectBand(one.lightServed, 0.6, 0.75);
    expectBand(one.lightP50Ms, 500, 620);
    expectBand(each.lightServed, 0.99, 1);
    expectBand(each.lightP50Ms, 60, 85);
    expectBand(each.heavyServed, 0.63, 0.69);
  });
});

describe('a throttled client after an outage', LONG, () => {
  it('comes back within a minute with our cap and window', () => {
    expectBand(simulateRecovery(1, 'cap 0.9, 30 s (ours)', 900).recoveredAfterS, 30, 70);
    expectBand(simulateRecovery(1, 'cap 0.75, 30 s', 900).recoveredAfterS, 20, 50);
  });

  it('keeps itself away for minutes without a cap', () => {
    expect(simulateRecovery(1, 'no cap, 120 s', 1_200).recoveredAfterS).toBeGreaterThan(400);
    expectBand(simulateRecovery(1, 'cap 0.9, 120 s', 900).recoveredAfterS, 150, 260);
  });
});

describe('a simulation', LONG, () => {
  const runs: Readonly<Record<string, (seed: number) => unknown>> = {
    jitter: (seed) => simulateJitter(seed, 2, [50]),
    hedging: (seed) => simulateHedge(seed, 'hedge at the live p95', 200),
    'retry storm': (seed) => simulateStorm(seed, '3 attempts, budget of ours', 10, 50),
    'adaptive limit': (seed) => simulateLimit(seed, 'adaptive'),
    queues: (seed) => simulateQueue(seed, 'adaptive LIFO and CoDel', 20),
    fairness: (seed) => simulateFairness(seed, true, 10),
    'throttle recovery': (seed) => simulateRecovery(seed, 'cap 0.9, 30 s (ours)', 300),
  };

  it.each(Object.keys(runs))('of %s is the same to the byte with the same seed, and another with another', (name) => {
    const traces = [7, 7, 8].map((seed) => JSON.stringify(runs[name]!(seed)));
    expect(traces[1]).toBe(traces[0]);
    expect(traces[2]).not.toBe(traces[0]);
  });
});
