import { EMPTY, NEVER, type Observable, of } from 'rxjs';
import { describe, expect, expectTypeOf, it } from 'vitest';

import type { Flow } from '../../lib/core/flow.js';
import { fromIterable } from '../../lib/core/from-iterable.js';
import { createAdaptiveLimit } from '../../lib/core/policy/adaptive-limit.js';
import { createBulkhead } from '../../lib/core/policy/bulkhead.js';
import { createRateLimiter } from '../../lib/core/policy/rate-limiter.js';
import type { Signal } from '../../lib/core/signal.js';
import { adaptConcurrency } from '../../operators/adapt-concurrency.js';
import { debounceMap } from '../../operators/debounce-map.js';
import { limitConcurrency } from '../../operators/limit-concurrency.js';
import { limitRate } from '../../operators/limit-rate.js';
import { mergeOrdered } from '../../operators/merge-ordered.js';
import { retryBackoff } from '../../operators/retry-backoff.js';

const word = async (n: number): Promise<string> => String(n);

describe('the types of the operators', () => {
  it('keep a Flow a Flow in via', () => {
    const flow = fromIterable([1, 2]).via(
      retryBackoff(),
      mergeOrdered((n, { signal }) => {
        expectTypeOf(n).toEqualTypeOf<number>();
        expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
        expectTypeOf<Signal>().toEqualTypeOf<AbortSignal>();
        return word(n);
      }),
    );
    expectTypeOf(flow).toEqualTypeOf<Flow<string>>();
  });

  it('keep the values of what they guard', () => {
    const guarded = fromIterable(['a']).via(
      limitRate(createRateLimiter({ limit: 5 })),
      limitConcurrency(createBulkhead({ limit: of(1) }), { priority: 3, key: 'tenant' }),
      adaptConcurrency(createAdaptiveLimit()),
    );
    expectTypeOf(guarded).toEqualTypeOf<Flow<string>>();
    expectTypeOf(of(1).pipe(limitRate(createRateLimiter({ limit: 5 })))).toEqualTypeOf<Observable<number>>();
    // @ts-expect-error there are four classes
    expect(() => limitConcurrency(createBulkhead({ limit: 1 }), { priority: 4 })).toThrow('priority');
    // @ts-expect-error a rate limit has no default
    expect(() => createRateLimiter({})).toThrow('limit');
  });

  it('fit the pipe of a plain Observable', () => {
    const piped = of(1).pipe(
      debounceMap((n) => word(n)),
      retryBackoff({ attempts: 2 }),
      mergeOrdered((text) => of(text.length)),
    );
    expectTypeOf(piped).toEqualTypeOf<Observable<number>>();
  });

  it('take a project that answers with one stream or another', () => {
    const project = (n: number) => (n > 1 ? word(n) : n > 0 ? [n] : EMPTY);
    expectTypeOf(of(1).pipe(mergeOrdered(project))).toEqualTypeOf<Observable<string | number>>();
    expectTypeOf(of(1).pipe(debounceMap(project))).toEqualTypeOf<Observable<string | number>>();
  });

  it('hand isSame the values of the source', () => {
    of({ text: 'a' }).pipe(debounceMap(() => NEVER, { isSame: (a, b) => a.text === b.text }));
  });

  it('refuse a debounceMap in via: it answers to time, not to demand', () => {
    // @ts-expect-error it is no FlowOperator
    expect(() => fromIterable([1]).via(debounceMap(word))).toThrow('through');
  });

  it('refuse a project that answers with no stream', () => {
    // @ts-expect-error a number is no stream
    mergeOrdered((n: number) => n);
  });
});
