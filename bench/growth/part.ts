import type { Case, Effort, Part, Row } from '../harness/contract.ts';
import { median, slope } from '../harness/stats.ts';
import { Worker } from '../harness/worker.ts';

interface Shape {
  readonly id: string;
  readonly title: string;
  /** Largest number of items, for ours and for RxJS. */
  readonly ours: number;
  readonly rxjs: number;
}

interface Point {
  readonly n: number;
  /** CPU nanoseconds per item. */
  readonly each: number;
}

const OURS = 'millrace';
const runner = new URL('runner.ts', import.meta.url);
/** Room for all young objects of a turn, or the collector has more to move, for each of them, the more there are. */
const roomy = ['--min-semi-space-size=128', '--max-semi-space-size=128'];

const reversed: Shape = { id: 'reversed', title: 'open streams, closing in reverse', ours: 100_000, rxjs: 100_000 };

/** RxJS's `mergeMap` takes about a minute for a million waiting items: in the full run only. */
const shapesOf = (quick: boolean): Shape[] => [
  { id: 'waiting', title: 'items that wait, 64 at work', ours: 1_000_000, rxjs: quick ? 32_000 : 1_000_000 },
  { id: 'in-order', title: 'open streams, closing in order', ours: 100_000, rxjs: quick ? 32_000 : 100_000 },
  ...(quick ? [] : [reversed]),
  { id: 'random', title: 'open streams, closing at random', ours: 100_000, rxjs: quick ? 32_000 : 100_000 },
];

/** From a thousand upwards, about three to a decade. */
const sizesTo = (most: number): number[] =>
  [1000, 3200, 10_000, 32_000, 100_000, 320_000, 1_000_000].filter((n) => n <= most);

async function climb(contender: string, shape: string, most: number, rounds: number): Promise<Point[]> {
  const worker = await Worker.startWith(roomy, runner, contender);
  const points: Point[] = [];
  await worker.run({ shape, n: 1000, times: 50 });
  for (const n of sizesTo(most)) {
    // A size that takes a second or more needs no second opinion.
    const times = Math.max(1, Math.round(50_000 / n));
    const costs: number[] = [];
    for (let round = 0; round < rounds && (costs[0] ?? 0) * n * times < 1e9; round++) {
      costs.push(((await worker.run({ shape, n, times })).cpuUs * 1000) / (n * times));
    }
    // The heap grows in the first rounds.
    points.push({ n, each: median(costs.length > 3 ? costs.slice(2) : costs) });
  }
  await worker.end();
  return points;
}

const group = (n: number): string => String(n).replace(/\B(?=(\d{3})+$)/g, ' ');

/** One row per contender and size, each compared with ours of that size. */
function rowsOf(all: Readonly<Record<string, readonly Point[]>>): Row[] {
  const base = new Map(all[OURS]!.map(({ n, each }) => [n, each]));
  return Object.entries(all).flatMap(([name, points]) =>
    points.map(({ n, each }): Row => {
      const ratio = each / (base.get(n) ?? Number.NaN);
      return { name: `${name}, ${group(n)}`, value: each, ratio, facts: { n } };
    }),
  );
}

/** Of the whole cost, from 10 000 items on: below, what each run costs once is in the way. */
const exponent = (points: readonly Point[]): number =>
  slope(points.filter(({ n }) => n >= 10_000).map(({ n, each }) => [n, n * each]));

async function run({ quick }: Effort): Promise<Case[]> {
  const cases: Case[] = [];
  const slopes: Row[] = [];
  const rounds = quick ? 4 : 9;
  for (const { id, title, ours, rxjs } of shapesOf(quick)) {
    const points = {
      [OURS]: await climb('millrace', id, ours, rounds),
      'RxJS mergeMap': await climb('rxjs', id, rxjs, quick ? 1 : rounds),
      'by hand, no operator': await climb('by-hand', id, ours, rounds),
    };
    const [own, stock, floor] = Object.values(points).map(exponent) as [number, number, number];
    const names = { id: `growth/${id}`, figure: 'growth', title: `${title}; per item` };
    cases.push({ ...names, unit: 'ns', ours: `${OURS}, 1 000`, rows: rowsOf(points) });
    const facts = { rxjs: stock, floor };
    slopes.push({ name: `${group(ours)} ${title}`, value: own, ratio: stock / own, facts });
  }
  const title = 'Exponent of growth: CPU time as a power of the number of items, from 10 000 on';
  return [{ id: 'growth/slopes', figure: 'growth', title, unit: '', ours: OURS, rows: slopes }, ...cases];
}

export const growth: Part = {
  name: 'growth',
  about:
    '`mergeOrdered` against RxJS `mergeMap`, which does less: its results come in any order. By hand: the same ' +
    'streams without an operator, to show what they cost by themselves: a hundred thousand of them do not fit into the ' +
    'cache of the processor, so that closing them at random grows faster than their number. There is room ' +
    'for 128 MB of young objects, which are collected before each turn, so that the collector is not what is measured.',
  run,
};
