import { debounceTime, distinctUntilChanged, switchMap } from 'rxjs';

import { type RunBursts, search, typist, WAIT_MS } from '../bursts.ts';
import { Inlet } from '../inlet.ts';

export const run: RunBursts = (bursts, values) => {
  const typed = new Inlet<string>();
  const { result, done } = typist(bursts, values, (text) => typed.next(text));
  const found = typed.stream.pipe(debounceTime(WAIT_MS), distinctUntilChanged(), switchMap(search));
  const subscription = found.subscribe(result);
  return done.finally(() => subscription.unsubscribe());
};
