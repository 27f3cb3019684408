import {
  debounce,
  fromPromise,
  map,
  newStream,
  runEffects,
  skipRepeats,
  switchLatest,
  takeWhile,
  tap,
} from '@most/core';
import { currentTime, newDefaultScheduler } from '@most/scheduler';

import { type RunBursts, search, typist, WAIT_MS } from '../bursts.ts';

export const run: RunBursts = async (bursts, values) => {
  let type = (_text: string): void => {};
  const { result, done } = typist(bursts, values, (text) => type(text));
  const typed = newStream<string>((sink, scheduler) => {
    type = (text) => sink.event(currentTime(scheduler), text);
    return { dispose: () => {} };
  });
  let over = false;
  const found = switchLatest(map((text: string) => fromPromise(search(text)), skipRepeats(debounce(WAIT_MS, typed))));
  const ended = runEffects(
    tap(
      result,
      takeWhile(() => !over, found),
    ),
    newDefaultScheduler(),
  );
  await Promise.race([done, ended]);
  over = true;
  return done;
};
