import type { Clock } from 'millrace';
import { createHedge, type Hedge, hedge } from 'millrace/operators';
import { forkJoin, type MonoTypeOperatorFunction, Observable } from 'rxjs';

import { Chance } from './engine/chance.ts';
import { quantile } from './engine/tally.ts';
import { VirtualClock } from './engine/virtual-clock.ts';

export interface HedgeRow {
  readonly name: string;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly p999: number;
  /** Requests sent beyond one per server, as a share. */
  readonly extra: number;
  /** How long the whole took, run by run. Unit: milliseconds. */
  readonly timesMs: readonly number[];
}

/** Points of a distribution: a share of answers, and the time within which they come. Between them it is log-linear. */
type Points = readonly (readonly [share: number, ms: number])[];

/**
 * A leaf of the article: half answer in 1 ms, 95 % in 5, 99 % in 10. The last three points follow from its table of
 * what a fan-out to a hundred of them takes: 40, 87 and 140 ms.
 */
const LEAF: Points = [
  [0, 0.5],
  [0.5, 1],
  [0.95, 5],
  [0.99, 10],
  [0.5 ** 0.01, 40],
  [0.95 ** 0.01, 87],
  [0.99 ** 0.01, 140],
  [1 - 1e-7, 1000],
];

/** The article's BigTable: 2 % take more than 10 ms, and of a thousand reads from a hundred servers one takes 1.8 s. */
const BIG_TABLE: Points = [
  [0, 1],
  [0.5, 3],
  [0.98, 10],
  [0.99, 31],
  [1 - 3.2e-3, 70],
  [1 - 1e-4, 1633],
  [1 - 1e-5, 1798],
  [1 - 1e-7, 2000],
];

/** The time of an answer, for a number from 0 to 1. */
function timeOf(points: Points, share: number): number {
  const upper = points.findIndex(([at]) => at >= share);
  if (upper < 0) return points.at(-1)![1];
  if (upper === 0) return points[0]![1];
  const [from, low] = points[upper - 1]!;
  const [to, high] = points[upper]!;
  // Along the logarithm of what is left over, in which such tails are straight.
  const place = Math.log((1 - from) / (1 - share)) / Math.log((1 - from) / (1 - to));
  return low * (high / low) ** place;
}

interface HedgeCase {
  readonly points: Points;
  /** Servers asked at once; the slowest answer counts. */
  readonly fanOut: number;
  readonly hedge: ((clock: Clock) => Hedge) | undefined;
}

const fixed =
  (delayMs: number, maxHedges = 1) =>
  (clock: Clock) =>
    createHedge({ delayMs, maxHedges, share: 1, clock });

/** What is compared, by the names of the plot. */
export const hedgeCases: Readonly<Record<string, HedgeCase>> = {
  'fan-out 100, no hedge': { points: LEAF, fanOut: 100, hedge: undefined },
  'hedge at the live p95': {
    points: LEAF,
    fanOut: 100,
    hedge: (clock) => createHedge({ minDelayMs: 1, share: 0.06, clock }),
  },
  'hedge after 5 ms': { points: LEAF, fanOut: 100, hedge: fixed(5) },
  'hedge after 10 ms': { points: LEAF, fanOut: 100, hedge: fixed(10) },
  'two hedges, 5 ms apart': { points: LEAF, fanOut: 100, hedge: fixed(5, 2) },
  'BigTable, no hedge': { points: BIG_TABLE, fanOut: 100, hedge: undefined },
  'BigTable, hedge after 10 ms': { points: BIG_TABLE, fanOut: 100, hedge: fixed(10) },
};

/** Jeffrey Dean and Luiz André Barroso, "The Tail at Scale" (CACM 56, 2013), with the real `hedge`. */
export function simulateHedge(seed: number, name: string, runs: number): HedgeRow {
  const { points, fanOut, hedge: make } = hedgeCases[name]!;
  const clock = new VirtualClock();
  const chance = new Chance(seed);
  let sent = 0;
  const leaf = new Observable<number>((subscriber) => {
    sent++;
    return clock.after(timeOf(points, chance.uniform()), () => {
      subscriber.next(1);
      subscriber.complete();
    });
  });
  const care: MonoTypeOperatorFunction<number> = make ? hedge(make(clock)) : (source) => source;
  const whole = forkJoin(Array.from({ length: fanOut }, () => leaf.pipe(care)));
  const timesMs: number[] = [];
  const next = (): void => {
    const fromMs = clock.elapsedMs;
    whole.subscribe(() => {
      timesMs.push(clock.elapsedMs - fromMs);
      // A pause, so that what is known of lately is not one burst.
      if (timesMs.length < runs) clock.after(20, next);
    });
  };
  next();
  clock.runTo(Infinity);
  const at = (share: number): number => quantile(timesMs, share);
  const extra = sent / (runs * fanOut) - 1;
  return { name, p50: at(0.5), p95: at(0.95), p99: at(0.99), p999: at(0.999), extra, timesMs };
}
