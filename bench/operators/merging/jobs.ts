import type { Job } from '../jobs.ts';

/** Contenders that each have a module with a run of this name. */
export const named = (name: string, files: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(files).map(([contender, file]) => [contender, `${file}#${name}`]));

const millrace = 'merging/millrace';
const rxjs = 'merging/rxjs';
const promises = 'merging/promises';
const effect = 'merging/effect';
const common = { figure: 'merging', turn: 'sum', least: 2000 };
const perCall = { figure: 'merging', turn: 'count', least: 2000 };

export const mergingJobs: readonly Job[] = [
  {
    ...{ ...common, id: 'merge-bounded' },
    title: 'mergeBounded: async work for each item, 64 at once, results as they come; per item',
    contenders: {
      ...named('mergeBounded', { millrace, 'RxJS mergeMap': rxjs, 'Effect.forEach, unordered': effect }),
      'most mergeMapConcurrently': 'merge-ordered/most',
      '64 loops of `await`': 'merge-ordered/by-hand',
    },
  },
  {
    ...{ ...common, id: 'merge-keyed' },
    title: 'mergeKeyed: the same, one after the other for each of 64 keys; per item',
    contenders: named('mergeKeyed', { millrace, 'RxJS groupBy + mergeMap + concatMap': rxjs }),
  },
  {
    ...{ ...common, id: 'merge-settled' },
    title: 'mergeSettled: the same, outcomes as values; per item',
    contenders: named('mergeSettled', { millrace, 'RxJS mergeMap of map + catchError': rxjs }),
  },
  {
    ...{ ...common, id: 'merge-priority' },
    title: 'mergePriority: the same, four priorities; per item',
    contenders: named('mergePriority', { millrace, 'p-queue with priorities': promises }),
  },
  {
    ...{ ...perCall, id: 'merge-first' },
    title: 'mergeFirst: the first of three calls; per three',
    contenders: named('mergeFirst', { millrace, 'RxJS mergeMap + catchError + take': rxjs, 'Promise.any': promises }),
  },
  {
    ...{ ...perCall, id: 'combine-calls' },
    title: 'combineCalls: a record of three calls; per record',
    contenders: named('combineCalls', {
      ...{ millrace, 'RxJS forkJoin': rxjs, 'Promise.all': promises, 'Effect.all': effect },
    }),
  },
];
