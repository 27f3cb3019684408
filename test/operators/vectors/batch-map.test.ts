import { setImmediate as turn } from 'node:timers/promises';

import { of } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { ConfigError } from '../../../lib/core/errors.js';
import type { BatchAnswer, BatchLoad } from '../../../lib/core/merge/batch.js';
import type { BatchOptions } from '../../../lib/core/merge/batch-rules.js';
import { createBatcher } from '../../../lib/core/policy/batcher.js';
import { createCoalescer } from '../../../lib/core/policy/coalescer.js';
import { batchMap } from '../../../operators/batch-map.js';
import { coalesceMap } from '../../../operators/coalesce-map.js';
import { handClock } from '../../support/hand-clock.js';

type Key = string | number | object;

/** A loader that answers each key with itself, or as it is told; the loads are noted. */
function loader(options: BatchOptions<Key> = {}, answer: BatchLoad<Key, unknown> = (keys) => Promise.resolve(keys)) {
  const loads: Key[][] = [];
  const batcher = createBatcher<Key, unknown>((keys, context) => {
    loads.push([...keys]);
    return answer(keys, context);
  }, options);
  const coalescer = createCoalescer<unknown>();
  const told: unknown[] = [];
  const listener = { next: (value: unknown) => told.push(value), error: (error: unknown) => told.push(error) };
  /** Loads a key as part of a batch. */
  const load = (key: Key) => of(key).pipe(batchMap(batcher)).subscribe(listener);
  /** The same, and those of one key share its place in the batch: what the cache of DataLoader does meanwhile. */
  const share = (key: string | number) => {
    const asked = of(key).pipe(
      coalesceMap(
        (one) => of<Key>(one).pipe(batchMap(batcher)),
        (one) => one,
        { coalescer, concurrency: Infinity },
      ),
    );
    return asked.subscribe(listener);
  };
  return { loads, told, load, share };
}

// graphql/dataloader, src/__tests__/dataloader.test.js. What is about its cache for good (clear, prime, cacheMap,
// cacheKeyFn) has nothing here to be tried on: batchMap keeps no answers.
describe('vectors of DataLoader for batchMap', () => {
  it('batches multiple requests', async () => {
    const { loads, told, load } = loader();
    for (const key of [1, 2]) load(key);
    await turn();
    expect([loads, told]).toEqual([[[1, 2]], [1, 2]]);
  });

  it('batches multiple requests with max batch sizes', async () => {
    const { loads, told, load } = loader({ maxCount: 2 });
    for (const key of [1, 2, 3]) load(key);
    await turn();
    expect([loads, told]).toEqual([
      [[1, 2], [3]],
      [1, 2, 3],
    ]);
  });

  it('applies maxBatchSize correctly with duplicate keys, where those share a call', async () => {
    const { loads, told, share } = loader({ maxCount: 3 });
    for (const key of ['a', 'b', 'a', 'a', 'a', 'b', 'c']) share(key);
    await turn();
    expect([loads, told.toSorted()]).toEqual([[['a', 'b', 'c']], ['a', 'a', 'a', 'a', 'b', 'b', 'c']]);
  });

  it('coalesces identical requests, and across sized batches', async () => {
    const { loads, told, share } = loader({ maxCount: 2 });
    for (const key of [1, 2, 1, 3]) share(key);
    await turn();
    expect([loads, told.toSorted()]).toEqual([
      [[1, 2], [3]],
      [1, 1, 2, 3],
    ]);
  });

  it('caches repeated requests: there, not here', async () => {
    const { loads, share } = loader();
    for (const key of ['A', 'B']) share(key);
    await turn();
    for (const key of ['A', 'C']) share(key);
    await turn();
    expect(loads).toEqual([
      ['A', 'B'],
      ['A', 'C'],
    ]);
  });

  it('supports loading multiple keys in one call, with errors', async () => {
    const bad = new Error('Bad Key');
    const answer: BatchLoad<Key, unknown> = (keys) => keys.map((key) => (key === 'bad' ? bad : key));
    const { told, load } = loader({}, answer);
    for (const key of ['a', 'b', 'bad', 'c']) load(key);
    await turn();
    expect(told).toEqual(['a', 'b', bad, 'c']);
  });

  it('Can represent failures and successes simultaneously', async () => {
    const answer: BatchLoad<Key, unknown> = (keys) =>
      Promise.resolve(keys.map((key) => (Number(key) % 2 === 0 ? key : new Error(`Odd: ${String(key)}`))));
    const { loads, told, load } = loader({}, answer);
    for (const key of [1, 2]) load(key);
    await turn();
    expect([loads, told]).toEqual([[[1, 2]], [new Error('Odd: 1'), 2]]);
  });

  it('Caches failed fetches: there, not here', async () => {
    const failed = new Error('Error: 1');
    const { loads, told, load } = loader({}, (keys) => keys.map(() => failed));
    for (let n = 0; n < 2; n++) {
      load(1);
      await turn();
    }
    expect([loads, told]).toEqual([
      [[1], [1]],
      [failed, failed],
    ]);
  });

  it('Propagates error to all loads', async () => {
    const terrible = new Error('I am a terrible loader');
    const { loads, told, load } = loader({}, () => Promise.reject(terrible));
    for (const key of [1, 2]) load(key);
    await turn();
    expect([loads, told]).toEqual([[[1, 2]], [terrible, terrible]]);
    expect(told[0]).toBe(told[1]);
  });

  it('Accepts objects as keys', async () => {
    const [keyA, keyB] = [{}, {}];
    const { loads, told, load } = loader();
    for (const key of [keyA, keyB]) load(key);
    await turn();
    expect(loads).toHaveLength(1);
    expect([loads[0]![0] === keyA, told[0] === keyA, told[1] === keyB]).toEqual([true, true, true]);
  });

  // There a batch goes when all jobs of promises are done. Here, without waitMs, when the code that runs has run; with
  // a waitMs of 0, when no job of a promise is left, as there.
  it.each([
    ['without waitMs', undefined, [['A'], ['B'], ['C'], ['D']]],
    ['with a waitMs of 0', 0, [['A', 'B', 'C', 'D']]],
  ])('batches loads occurring within promises: %s', async (_, waitMs, expected) => {
    const clock = handClock();
    const { loads, load } = loader(waitMs === undefined ? {} : { waitMs, clock });
    const later = (run: () => void) =>
      void Promise.resolve()
        .then(() => Promise.resolve())
        .then(run);
    load('A');
    later(() => {
      load('B');
      later(() => {
        load('C');
        later(() => load('D'));
      });
    });
    await turn();
    clock.pass(0);
    expect(loads).toEqual(expected);
  });

  it('can call a loader from a loader', async () => {
    const deep = loader();
    const nested = () =>
      loader({}, (keys) => {
        deep.load(keys);
        return [...keys];
      });
    const [a, b] = [nested(), nested()];
    a.load('A1');
    b.load('B1');
    a.load('A2');
    b.load('B2');
    await turn();
    expect([a.loads, b.loads, deep.loads]).toEqual([
      [['A1', 'A2']],
      [['B1', 'B2']],
      [
        [
          ['A1', 'A2'],
          ['B1', 'B2'],
        ],
      ],
    ]);
  });
});

// graphql/dataloader, src/__tests__/abuse.test.js. A list that is no promise is an answer here.
describe('abuse of DataLoader tried on batchMap', () => {
  it.each([
    ['nothing', () => null as never],
    ['a promise of nothing', () => Promise.resolve(null as never)],
    ['a promise of a list that is too short', (): Promise<BatchAnswer<Key, unknown>> => Promise.resolve([])],
  ])('answers %s', async (_, answer) => {
    const { told, load } = loader({}, answer);
    load(1);
    await turn();
    expect(told).toHaveLength(1);
    expect(told[0]).toBeInstanceOf(Error);
  });

  it('errors synchronously', async () => {
    const mock = new Error('Mock Synchronous Error');
    const { told, load } = loader({}, () => {
      throw mock;
    });
    load(1);
    await turn();
    expect(told).toEqual([mock]);
  });

  it.each(['a' as never, 0, -1])('has a maxBatchSize of %j', (maxCount) => {
    expect(() => createBatcher((keys: readonly Key[]) => [...keys], { maxCount })).toThrow(ConfigError);
  });
});
