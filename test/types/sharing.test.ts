import { type Observable, of } from 'rxjs';
import { describe, expect, expectTypeOf, it } from 'vitest';

import type { Flow } from '../../lib/core/flow.js';
import { fromIterable } from '../../lib/core/from-iterable.js';
import { createBatcher } from '../../lib/core/policy/batcher.js';
import { createCoalescer } from '../../lib/core/policy/coalescer.js';
import { batchMap } from '../../operators/batch-map.js';
import { bufferFrame } from '../../operators/buffer-frame.js';
import { coalesceMap } from '../../operators/coalesce-map.js';
import { shareFor } from '../../operators/share-for.js';
import { throttleMap } from '../../operators/throttle-map.js';

interface User {
  readonly name: string;
}
const get = <T>(found: unknown): Observable<T> => of(found as T);
const word = async (n: number): Promise<string> => String(n);

describe('the types of what shares and batches', () => {
  it('keep a Flow a Flow in via', () => {
    const load = async (values: readonly number[]) => values.map(String);
    const flow = fromIterable([1]).via(
      coalesceMap(word, (n) => n),
      coalesceMap(
        async (text) => text.length,
        (text) => [text],
      ),
      batchMap(load),
    );
    expectTypeOf(flow).toEqualTypeOf<Flow<string>>();
  });

  it('follow the call that is shared, and its coalescer', () => {
    const coalescer = createCoalescer<User>();
    const users = of(1).pipe(
      coalesceMap(
        (n) => get<User>(n),
        (n) => ({ id: n, as: 'ada' }),
        { coalescer },
      ),
    );
    expectTypeOf(users).toEqualTypeOf<Observable<User>>();
    const mixed = of(1).pipe(
      coalesceMap(
        (n) => (n > 1 ? get<User>(n) : word(n)),
        (n) => n,
      ),
    );
    expectTypeOf(mixed).toEqualTypeOf<Observable<User | string>>();
    const user = (n: number) => get<User>(n);
    const wrong = { coalescer: createCoalescer<number>() };
    // @ts-expect-error -- the coalescer is for calls of another kind
    expect(of(1).pipe(coalesceMap(user, (n) => n, wrong))).toBeDefined();
    // @ts-expect-error -- a Date has no content that could be compared
    expect(of(1).pipe(coalesceMap(word, () => new Date(0)))).toBeDefined();
  });

  it('follow the load of a batch, without the errors in it', () => {
    const listed = of(1).pipe(batchMap((values) => values.map((n) => (n > 0 ? `${n}` : new Error('none')))));
    expectTypeOf(listed).toEqualTypeOf<Observable<string>>();
    const byValue = createBatcher(
      async (ids: readonly number[]) => new Map(ids.map((id) => [id, String(id)] as const)),
    );
    expectTypeOf(of(1).pipe(batchMap(byValue))).toEqualTypeOf<Observable<string>>();
    // @ts-expect-error -- the batcher takes numbers
    expect(of('a').pipe(batchMap(byValue))).toBeDefined();
  });

  it('follow the source', () => {
    expectTypeOf(of(1).pipe(shareFor())).toEqualTypeOf<Observable<number>>();
    expectTypeOf(of(1).pipe(bufferFrame())).toEqualTypeOf<Observable<number[]>>();
    expectTypeOf(of(1).pipe(throttleMap(word))).toEqualTypeOf<Observable<string>>();
  });
});
