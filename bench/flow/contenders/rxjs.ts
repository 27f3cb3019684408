import { concatMap, EMPTY, from, lastValueFrom, mergeMap } from 'rxjs';

import { CONCURRENCY, type Run } from '../job.ts';

export const run: Run = async ({ items }, work, sink) => {
  const results = from(items).pipe(
    mergeMap(work, CONCURRENCY),
    concatMap((item) => sink(item) ?? EMPTY),
  );
  await lastValueFrom(results, { defaultValue: undefined });
};
