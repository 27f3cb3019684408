import { retry, throwError, timer } from 'rxjs';

import { together, troubled } from '../troubled.ts';

const isRetryable = (error: unknown): boolean => error instanceof Error;
const patient = retry<number>({
  count: 2,
  delay: (error, count) => (isRetryable(error) ? timer(count) : throwError(() => error)),
});

export const run = (n: number, failures: number): Promise<number> =>
  together(n, (done) => void troubled(failures).pipe(patient).subscribe(done));
