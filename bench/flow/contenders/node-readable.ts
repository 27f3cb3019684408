import { Readable } from 'node:stream';

import { CONCURRENCY, readAll, type Run } from '../job.ts';

export const run: Run = ({ items }, work, sink) =>
  readAll(Readable.from(items).map(work, { concurrency: CONCURRENCY }), sink);
