import { retryBackoff } from 'millrace/operators';

import { together, troubled } from '../troubled.ts';

const patient = retryBackoff<number>({ when: () => true, backoff: (_error, retry) => retry });

export const run = (n: number, failures: number): Promise<number> =>
  together(n, (done) => void troubled(failures).pipe(patient).subscribe(done));
