import { compare, type Plan } from '../harness/compare.ts';
import type { Case, Effort, Order, Part } from '../harness/contract.ts';
import { Worker } from '../harness/worker.ts';

interface Job {
  readonly id: string;
  readonly folder: string;
  readonly title: string;
  readonly order?: Order;
  /** Items of the smallest turn. */
  readonly least: number;
  readonly contenders: Readonly<Record<string, string>>;
}

const retriers = { millrace: 'millrace', 'RxJS retry + timer': 'rxjs', 'Effect.retry': 'effect' };

const debouncers = {
  millrace: 'millrace',
  'RxJS debounceTime + distinctUntilChanged + switchMap': 'rxjs',
  'most debounce + skipRepeats + switchLatest': 'most',
  'Effect Stream.debounce + changes + switchMap': 'effect',
};

const jobs: readonly Job[] = [
  {
    id: 'merge-ordered',
    folder: 'merge-ordered',
    title: 'mergeOrdered: async work for each item, 64 at once, results in order; per item',
    least: 2000,
    contenders: {
      millrace: 'millrace',
      'millrace, `.via()` and `for await`': 'millrace-via',
      'RxJS mergeMap + reordering scan': 'rxjs',
      'RxJS mergeMap (not in order)': 'rxjs-unordered',
      'p-map': 'p-map',
      'p-map, pMapIterable': 'p-map-iterable',
      'p-queue': 'p-queue',
      'streaming-iterables parallelMap': 'streaming-iterables',
      'Node Readable.map': 'node-readable',
      'Effect.forEach': 'effect',
      'Effect Stream.mapEffect': 'effect-stream',
      'most mergeMapConcurrently (not in order)': 'most',
      '64 loops of `await` (not in order)': 'by-hand',
    },
  },
  {
    id: 'debounce-map',
    folder: 'debounce-map',
    // Several, since a process that sleeps and wakes for each burst takes 50 us for that alone.
    title: 'debounceMap: sixteen inputs side by side, bursts of ten thousand values, a call for the last; per value',
    order: { values: 10_000, inputs: 16 },
    least: 160_000,
    contenders: debouncers,
  },
  {
    id: 'debounce-map-short',
    folder: 'debounce-map',
    title: 'debounceMap: a hundred inputs side by side, bursts of twenty values; per value',
    order: { values: 20, inputs: 100 },
    least: 10_000,
    contenders: debouncers,
  },
  {
    id: 'retry-clean',
    folder: 'retry-backoff',
    title: 'retryBackoff: calls that succeed at once; per call',
    order: { failures: 0 },
    least: 2000,
    contenders: retriers,
  },
  {
    id: 'retry-backoff',
    folder: 'retry-backoff',
    title: 'retryBackoff: calls that fail twice, with waits of 1 and 2 ms; per call',
    order: { failures: 2 },
    least: 2000,
    contenders: retriers,
  },
];

async function measure({ id, folder, title, order = {}, least, contenders }: Job, effort: Effort): Promise<Case> {
  const runner = new URL('runner.ts', import.meta.url);
  const entries = await Promise.all(
    Object.entries(contenders).map(async ([name, file]) => ({
      name,
      worker: await Worker.start(runner, folder, file),
    })),
  );
  const plan: Plan = {
    ...{ id: `operators/${id}`, figure: folder, title, unit: 'ns', scale: 1000 },
    ...{ ours: 'millrace', order, least },
  };
  try {
    return await compare(plan, entries, effort);
  } finally {
    await Promise.all(entries.map(({ worker }) => worker.end()));
  }
}

async function run(effort: Effort): Promise<Case[]> {
  const cases: Case[] = [];
  for (const job of jobs) cases.push(await measure(job, effort));
  return cases;
}

export const operators: Part = {
  name: 'operators',
  about:
    'CPU time per item against the composition of stock RxJS operators that a skilled user would write, and against ' +
    'libraries that do the same job. Items arrive no faster than results leave, so that nothing waits in a queue.',
  run,
};
