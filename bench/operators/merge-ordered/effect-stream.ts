import { Effect, Stream } from 'effect';

import { CONCURRENCY, Ordered, range, type Run, work } from '../job.ts';

export const run: Run = async (n) => {
  const seen = new Ordered();
  const results = Stream.fromIterable(range(n)).pipe(
    Stream.mapEffect((item) => Effect.promise(() => work(item)), { concurrency: CONCURRENCY }),
  );
  await Effect.runPromise(Stream.runForEach(results, (result) => Effect.sync(() => seen.take(result))));
  return seen.sum;
};
