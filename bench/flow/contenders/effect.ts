import { Effect, Stream } from 'effect';

import { CONCURRENCY, type Item, readAll, type Run } from '../job.ts';

export const run: Run = ({ items }, work, sink) => {
  const source: Stream.Stream<Item, unknown> =
    Symbol.iterator in items ? Stream.fromIterable(items) : Stream.fromAsyncIterable(items, (error) => error);
  const results = Stream.mapEffect(source, (item) => Effect.promise(() => work(item)), { concurrency: CONCURRENCY });
  return readAll(Stream.toAsyncIterable(results), sink);
};
