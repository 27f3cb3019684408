import type { Case, Effort, Order, Row, Sample } from './contract.ts';
import { median } from './stats.ts';
import type { Worker } from './worker.ts';

/** Who takes part in a case. */
export interface Contender {
  readonly name: string;
  readonly worker: Worker;
  readonly note?: string;
  /** Operations per turn, where it may not be found by trying. */
  readonly n?: number;
}

/** A case before it was measured. */
export interface Plan extends Omit<Case, 'rows' | 'failed'> {
  readonly order: Order;
  /** Microseconds times this are the unit: 1 for us, 1000 for ns. */
  readonly scale: number;
  /** Least operations of a turn. @defaultValue 64 */
  readonly least?: number;
  /** Facts that are kept, the largest of all turns. */
  readonly keep?: readonly string[];
}

interface Entry extends Contender {
  readonly samples: Sample[];
  turn: number;
  failure: string | undefined;
}

/** Lets the contenders do the same work by turns, round by round, so that whatever else runs meets all of them. */
export async function compare(plan: Plan, contenders: readonly Contender[], effort: Effort): Promise<Case> {
  const entries = contenders.map((one): Entry => ({ ...one, samples: [], turn: one.n ?? 0, failure: undefined }));
  for (const entry of entries) await attempt(entry, () => warm(entry, plan, effort));
  for (let round = 0; round < effort.rounds; round++) {
    // Nobody is always first.
    for (const index of entries.keys()) {
      const entry = entries[(index + round) % entries.length]!;
      const turn = async () => {
        entry.samples.push(await entry.worker.run({ ...plan.order, n: entry.turn }));
      };
      await attempt(entry, turn);
    }
  }
  return caseOf(plan, entries);
}

async function attempt(entry: Entry, work: () => Promise<void>): Promise<void> {
  if (entry.failure !== undefined) return;
  try {
    await work();
  } catch (error) {
    entry.failure = `${entry.name}: ${(error as Error).message.split('\n')[0]}`;
  }
}

/** Runs until the code is hot, and finds how many operations make a turn. */
async function warm(entry: Entry, { order, least = 64 }: Plan, { warmMs, turnMs }: Effort): Promise<void> {
  const wanted = turnMs * 1000;
  let n = entry.n ?? least;
  let spent = 0;
  for (let last = 0; spent < warmMs * 1000 || (entry.n === undefined && last < wanted / 4);) {
    last = (await entry.worker.run({ ...order, n })).cpuUs;
    spent += last;
    entry.turn = entry.n ?? Math.max(least, Math.round((n * wanted) / Math.max(last, 1)));
    n = entry.n ?? Math.min(n * 4, entry.turn);
  }
}

function caseOf(plan: Plan, entries: readonly Entry[]): Case {
  const done = entries.filter(({ failure }) => failure === undefined);
  const perOp = ({ turn }: Entry, us: number): number => (us * plan.scale) / turn;
  const figures = (entry: Entry): number[] => entry.samples.map(({ cpuUs }) => perOp(entry, cpuUs));
  const base = done.find(({ name }) => name === plan.ours);
  const ours = base ? figures(base) : [];
  const rows = done.map((entry): Row => {
    const rounds = figures(entry);
    const facts = kept(entry, plan.keep ?? []);
    return {
      name: entry.name,
      value: median(rounds),
      ratio: median(rounds.map((value, round) => value / (ours[round] ?? Number.NaN))),
      wall: median(entry.samples.map(({ wallUs }) => perOp(entry, wallUs))),
      rssMb: Math.max(...entry.samples.map(({ rssBytes }) => rssBytes)) / 2 ** 20,
      rounds,
      ...(facts && { facts }),
      ...(entry.note !== undefined && { note: entry.note }),
    };
  });
  const failed = entries.flatMap(({ failure }) => failure ?? []);
  const { id, figure, title, unit, ours: name } = plan;
  return { id, figure, title, unit, ours: name, rows: ranked(rows), ...(failed.length > 0 && { failed }) };
}

function kept({ samples }: Entry, names: readonly string[]): Record<string, number> | undefined {
  if (names.length === 0) return undefined;
  return Object.fromEntries(
    names.map((name) => [name, Math.max(...samples.map(({ facts }) => facts[name] ?? Number.NaN))]),
  );
}

/** Best first. */
export const ranked = (rows: readonly Row[]): Row[] => rows.toSorted((a, b) => a.value - b.value);
