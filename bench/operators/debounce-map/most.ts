import { debounce, fromPromise, map, newStream, runEffects, skipRepeats, switchLatest, takeWhile, tap } from '@most/core';
import { currentTime, newDefaultScheduler } from '@most/scheduler';

import { bursts, type Run, search, WAIT_MS } from '../job.ts';

export const run: Run = async (n) => {
  let type = (_text: string): void => {};
  const { result, done } = bursts(n, (text) => type(text));
  const typed = newStream<string>((sink, scheduler) => {
    type = (text) => sink.event(currentTime(scheduler), text);
    return { dispose: () => {} };
  });
  let over = false;
  const found = switchLatest(map((text: string) => fromPromise(search(text)), skipRepeats(debounce(WAIT_MS, typed))));
  const ended = runEffects(tap(result, takeWhile(() => !over, found)), newDefaultScheduler());
  await Promise.race([done, ended]);
  over = true;
  return done;
};
