import { defer } from 'rxjs';

import { work } from '../job.ts';

/** A call that succeeds in the next microtask. */
export const ask = (): Promise<number> => work(0);
export const call = defer(ask);

/** No limit of time or number is ever reached. */
export const LONG_MS = 10_000;
export const MANY = 1_000_000;
