import { pMapIterable } from 'p-map';

import { CONCURRENCY, readAll, type Run } from '../job.ts';

export const run: Run = ({ items }, work, sink) =>
  readAll(pMapIterable(items, work, { concurrency: CONCURRENCY }), sink);
