import { fromIterable } from 'millrace';
import { mergeOrdered } from 'millrace/operators';

import { CONCURRENCY, readAll, type Run } from '../job.ts';

export const run: Run = ({ items }, work, sink) =>
  readAll(fromIterable(items).via(mergeOrdered(work, { concurrency: CONCURRENCY })), sink);
