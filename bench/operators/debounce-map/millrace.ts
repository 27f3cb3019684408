import { debounceMap } from 'millrace/operators';

import { type RunBursts, search, typist, WAIT_MS } from '../bursts.ts';
import { Inlet } from '../inlet.ts';

export const run: RunBursts = (bursts, values) => {
  const typed = new Inlet<string>();
  const { result, done } = typist(bursts, values, (text) => typed.next(text));
  const subscription = typed.stream.pipe(debounceMap(search, { waitMs: WAIT_MS })).subscribe(result);
  return done.finally(() => subscription.unsubscribe());
};
