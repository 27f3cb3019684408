import type { Order } from '../harness/contract.ts';

/** The same work for several contenders. */
export interface Job {
  readonly id: string;
  /** Cases of one figure are drawn together. */
  readonly figure: string;
  readonly title: string;
  /** How a turn is run: a key of `turns` in runner.ts. */
  readonly turn: string;
  readonly order?: Order;
  /** Items of the smallest turn. */
  readonly least: number;
  /** Whether a quick run does it. */
  readonly headline?: boolean;
  /** Their modules, `folder/file`, or `folder/file#name` for one of several in it. */
  readonly contenders: Readonly<Record<string, string>>;
}

const debouncers = {
  millrace: 'debounce-map/millrace',
  'RxJS debounceTime + distinctUntilChanged + switchMap': 'debounce-map/rxjs',
  'most debounce + skipRepeats + switchLatest': 'debounce-map/most',
  'Effect Stream.debounce + changes + switchMap': 'debounce-map/effect',
};

const retriers = {
  millrace: 'retry-backoff/millrace',
  'RxJS retry + timer': 'retry-backoff/rxjs',
  'Effect.retry': 'retry-backoff/effect',
};

/** The three that everything began with. */
export const firstJobs: readonly Job[] = [
  {
    ...{ id: 'merge-ordered', figure: 'merge-ordered', turn: 'sum', least: 2000, headline: true },
    title: 'mergeOrdered: async work for each item, 64 at once, results in order; per item',
    contenders: {
      millrace: 'merge-ordered/millrace',
      'millrace, `.via()` and `for await`': 'merge-ordered/millrace-via',
      'RxJS mergeMap + reordering scan': 'merge-ordered/rxjs',
      'RxJS mergeMap (not in order)': 'merging/rxjs#mergeBounded',
      'p-map': 'merge-ordered/p-map',
      'p-map, pMapIterable': 'merge-ordered/p-map-iterable',
      'p-queue': 'merge-ordered/p-queue',
      'streaming-iterables parallelMap': 'merge-ordered/streaming-iterables',
      'Node Readable.map': 'merge-ordered/node-readable',
      'Effect.forEach': 'merge-ordered/effect',
      'Effect Stream.mapEffect': 'merge-ordered/effect-stream',
      'most mergeMapConcurrently (not in order)': 'merge-ordered/most',
      '64 loops of `await` (not in order)': 'merge-ordered/by-hand',
    },
  },
  {
    ...{ id: 'debounce-map', figure: 'debounce-map', turn: 'debounce-map', least: 160_000, headline: true },
    // Several, since a process that sleeps and wakes for each burst takes 50 us for that alone.
    title: 'debounceMap: sixteen inputs side by side, bursts of ten thousand values, a call for the last; per value',
    order: { values: 10_000, inputs: 16 },
    contenders: debouncers,
  },
  {
    ...{ id: 'debounce-map-short', figure: 'debounce-map', turn: 'debounce-map', least: 10_000 },
    title: 'debounceMap: a hundred inputs side by side, bursts of twenty values; per value',
    order: { values: 20, inputs: 100 },
    contenders: debouncers,
  },
  {
    ...{ id: 'retry-clean', figure: 'retry-backoff', turn: 'count', least: 2000 },
    title: 'retryBackoff: calls that succeed at once; per call',
    order: { failures: 0 },
    contenders: retriers,
  },
  {
    ...{ id: 'retry-backoff', figure: 'retry-backoff', turn: 'count', least: 2000, headline: true },
    title: 'retryBackoff: calls that fail twice, with waits of 1 and 2 ms; per call',
    order: { failures: 2 },
    contenders: retriers,
  },
];
