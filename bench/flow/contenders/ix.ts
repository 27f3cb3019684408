import { from, of } from 'ix/asynciterable';
import { flatMap } from 'ix/asynciterable/operators';

import { CONCURRENCY, readAll, type Run } from '../job.ts';

export const run: Run = ({ items }, work, sink) =>
  readAll(from(items).pipe(flatMap(async (item) => of(await work(item)), CONCURRENCY)), sink);
