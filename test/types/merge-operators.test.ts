import { type Observable, of } from 'rxjs';
import { describe, expect, expectTypeOf, it } from 'vitest';

import { combineCalls } from '../../lib/core/combine-calls.js';
import type { Flow } from '../../lib/core/flow.js';
import { fromIterable } from '../../lib/core/from-iterable.js';
import type { Settled } from '../../lib/core/merge/settled-merge.js';
import { latestMap } from '../../operators/latest-map.js';
import { mergeBounded } from '../../operators/merge-bounded.js';
import { mergeFirst } from '../../operators/merge-first.js';
import { mergeKeyed } from '../../operators/merge-keyed.js';
import { mergePriority } from '../../operators/merge-priority.js';
import { mergeSettled } from '../../operators/merge-settled.js';

const word = async (n: number): Promise<string> => String(n);

describe('the types of the merging operators', () => {
  it('keep a Flow a Flow in via, and infer what functions are given', () => {
    const flow = fromIterable([1, 2]).via(
      mergeBounded(word),
      mergeKeyed(
        async (text) => text.length,
        (text) => text[0],
      ),
      mergePriority(word, (n) => n % 4, { keyOf: (n) => n, costOf: (n) => n + 1 }),
      latestMap(async (text) => text.length),
      mergeFirst(word),
    );
    expectTypeOf(flow).toEqualTypeOf<Flow<string>>();
  });

  it('fit the pipe of a plain Observable, and tell outcomes apart', () => {
    const outcomes = of(1).pipe(mergeSettled(word));
    expectTypeOf(outcomes).toEqualTypeOf<Observable<Settled<number, string>>>();
    outcomes.subscribe((outcome) => {
      if (outcome.status === 'fulfilled') expectTypeOf(outcome.value).toEqualTypeOf<string>();
      else expectTypeOf(outcome.reason).toEqualTypeOf<unknown>();
      expectTypeOf(outcome.input).toEqualTypeOf<number>();
    });
    expect(outcomes).toBeDefined();
  });
});

describe('the types of combineCalls', () => {
  it('name the results as the calls are named', () => {
    const calls = { user: of('Ada'), orders: Promise.resolve([1]) };
    type Page = { readonly user: string; readonly orders: number[] };
    expectTypeOf(combineCalls(calls)).toEqualTypeOf<Flow<Page>>();
    expectTypeOf(combineCalls(calls, { concurrency: 2 })).toEqualTypeOf<Flow<Page>>();
    expectTypeOf(combineCalls(calls, { partial: true })).toEqualTypeOf<Flow<Partial<Page>>>();
    expect(calls).toBeDefined();
  });
});
