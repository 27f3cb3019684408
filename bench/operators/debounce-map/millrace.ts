import { debounceMap } from 'millrace/operators';
import { Subject } from 'rxjs';

import { bursts, type Run, search, WAIT_MS } from '../job.ts';

export const run: Run = (n) => {
  const typed = new Subject<string>();
  const { result, done } = bursts(n, (text) => typed.next(text));
  const subscription = typed.pipe(debounceMap(search, { waitMs: WAIT_MS })).subscribe(result);
  return done.finally(() => subscription.unsubscribe());
};
