import { debounceTime, distinctUntilChanged, Subject, switchMap } from 'rxjs';

import { bursts, type Run, search, WAIT_MS } from '../job.ts';

export const run: Run = (n) => {
  const typed = new Subject<string>();
  const { result, done } = bursts(n, (text) => typed.next(text));
  const found = typed.pipe(debounceTime(WAIT_MS), distinctUntilChanged(), switchMap(search));
  const subscription = found.subscribe(result);
  return done.finally(() => subscription.unsubscribe());
};
