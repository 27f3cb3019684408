import { parallelMap } from 'streaming-iterables';

import { CONCURRENCY, readAll, type Run } from '../job.ts';

export const run: Run = ({ items }, work, sink) => readAll(parallelMap(CONCURRENCY, work, items), sink);
