import { Effect, Queue, Stream } from 'effect';

import { type RunBursts, search, typist, WAIT_MS } from '../bursts.ts';

export const run: RunBursts = async (bursts, values) => {
  let type = (_text: string): void => {};
  const { result, done } = typist(bursts, values, (text) => type(text));
  const typed = Stream.callback<string>((queue) =>
    Effect.sync(() => (type = (text) => void Queue.offerUnsafe(queue, text))),
  );
  const found = typed.pipe(
    Stream.debounce(WAIT_MS),
    Stream.changes,
    Stream.switchMap((text) => Stream.fromEffect(Effect.promise(() => search(text)))),
  );
  const stop = new AbortController();
  const all = Stream.runForEach(found, (text) => Effect.sync(() => result(text)));
  const ended = Effect.runPromise(all, { signal: stop.signal }).catch(() => undefined);
  const count = await done;
  stop.abort();
  await ended;
  return count;
};
