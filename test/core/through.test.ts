import {
  bufferCount,
  concatMap,
  debounceTime,
  delay,
  filter,
  first,
  map,
  mergeMap,
  of,
  type OperatorFunction,
  repeat,
  retry,
  startWith,
  take,
  tap,
  toArray,
} from 'rxjs';
import { describe, expect, expectTypeOf, it } from 'vitest';

import { FLOW, Flow, type FlowOperator } from '../../lib/core/flow.js';
import { fromIterable } from '../../lib/core/from-iterable.js';
import { through } from '../../lib/core/through.js';
import { probe } from '../../lib/testing/flow-probe.js';
import { operatorObeysTheFlowRules } from '../../lib/testing/operator-rules.js';
import { Upstream } from '../../lib/testing/upstream.js';
import { gc } from '../support/gc.js';
import { marble } from '../support/marble.js';

function* numbers(): Generator<number> {
  for (let n = 1; ; n++) yield n;
}

describe.each<[what: string, operator: OperatorFunction<number, unknown>]>([
  ['one value for one', map((n) => n * 2)],
  ['fewer values', filter((n) => n % 3 === 0)],
  ['more values', concatMap((n) => of(n, -n))],
  ['batches', bufferCount(3)],
])('through, with %s', (_, operator) => {
  operatorObeysTheFlowRules(() => through(operator), { it, expect, gc });
});

describe('through', () => {
  it('asks upstream for as many values as are asked for below', () => {
    const source = new Upstream();
    const one = probe(source.flow.via(through(map((n) => n))));
    one.request(3);
    one.request(2);
    expect(source.requested).toBe(5);
    one.request(Infinity);
    one.request(Infinity);
    expect([source.requested, source.badRequests]).toEqual([Infinity, []]);
  });

  it('asks again for a value that yields none, and for nothing more', () => {
    const source = new Upstream();
    const one = probe(source.flow.via(through(filter((n) => n % 4 === 0))), 1);
    while (source.answer());
    expect([one.values, source.sent, source.requested]).toEqual([[4], 4, 4]);
  });

  it('holds the surplus of a value that yields several, and asks for none meanwhile', () => {
    const source = new Upstream();
    const one = probe(source.flow.via(through(mergeMap((n) => of(n, n, n)))), 2);
    source.answer();
    expect([one.values, source.requested]).toEqual([[1, 1], 2]);
    source.answer();
    one.request(2);
    expect([one.values, source.requested]).toEqual([[1, 1, 1, 2], 2]);
    one.request(3);
    expect([one.values, source.requested]).toEqual([[1, 1, 1, 2, 2, 2], 3]);
  });

  it('cancels upstream when an operator has enough, before the surplus is taken', () => {
    const source = new Upstream();
    const one = probe(
      source.flow.via(
        through(
          concatMap((n) => of(n, n)),
          take(3),
        ),
      ),
      2,
    );
    source.answer();
    source.answer();
    expect([source.cancels, one.ending]).toEqual([1, undefined]);
    one.request(1);
    expect([one.values, one.ending]).toEqual([[1, 1, 2], 'complete']);
  });

  it('stops a synchronous endless source at once', () => {
    let taken = 0;
    const counted = fromIterable({ [Symbol.iterator]: numbers }).via(through(tap(() => taken++)));
    const one = probe(counted.via(through(first((n: number) => n > 4))), Infinity);
    expect([one.values, one.ending, taken]).toEqual([[5], 'complete', 5]);
  });

  it('fails with what an operator throws, and cancels upstream', () => {
    const lost = new Error('lost');
    const source = new Upstream();
    const throwing = map((): never => {
      throw lost;
    });
    const one = probe(source.flow.via(through(throwing)), 5);
    source.answer();
    expect([one.error, source.cancels]).toEqual([lost, 1]);
  });

  it('fails with what applying an operator throws', () => {
    const lost = new Error('lost');
    const broken = (): never => {
      throw lost;
    };
    const one = probe(new Upstream().flow.via(through(broken)));
    expect(one.error).toBe(lost);
  });

  it('subscribes upstream again where an operator does', () => {
    let failures = 2;
    const failing = map((n: number) => {
      if (n === 2 && failures-- > 0) throw new Error('lost');
      return n;
    });
    const flow = fromIterable([1, 2]);
    const retried = probe(flow.via(through(failing, retry(2))), Infinity);
    const repeated = probe(flow.via(through(repeat(2))), 3);
    expect([retried.values, retried.ending]).toEqual([[1, 1, 1, 2], 'complete']);
    expect([repeated.values, repeated.ending]).toEqual([[1, 2, 1], undefined]);
  });

  it('asks for no more than is wanted after an operator has subscribed upstream again', () => {
    const [failing, second] = [new Upstream(), new Upstream()];
    const runs = [failing, second];
    const flow = new Flow<number>({ subscribe: (to) => runs.shift()!.flow[FLOW].subscribe(to) });
    const one = probe(flow.via(through(retry(1))), 2);
    failing.answer();
    failing.fail(new Error('lost'));
    expect([one.values, second.requested]).toEqual([[1], 1]);
  });

  it('holds what an operator sends before it is asked for', () => {
    const one = probe(fromIterable([1]).via(through(startWith(0))));
    expect(one.values).toEqual([]);
    one.request(5);
    expect([one.values, one.ending]).toEqual([[0, 1], 'complete']);
  });

  it('collects what only the end yields', () => {
    const one = probe(fromIterable([1, 2, 3]).via(through(toArray())), 1);
    expect([one.values, one.ending]).toEqual([[[1, 2, 3]], 'complete']);
  });

  marble('lets operators that drop values pull freely', (t) => {
    const source = t.hot(' -a-b---c-|');
    const expected = '     -----b---(c|)';

    t.expectObservable(source.pipe(through(debounceTime(2)))).toBe(expected);
  });

  marble('does not stall over operators that answer later', (t) => {
    const source = t.cold('-a-b-c|');
    const expected = '     ---a-b-(c|)';

    t.expectObservable(source.pipe(through(delay(2)))).toBe(expected);
  });

  marble('answers a finite demand, too, over operators that drop values or answer later', (t) => {
    const dropped = probe(fromIterable([1, 2, 3]).via(through(debounceTime(2))), 1);
    const late = probe(fromIterable([1, 2, 3]).via(through(delay(2))), 2);
    t.flush();
    expect([dropped.values, dropped.ending, late.values, late.ending]).toEqual([[3], 'complete', [1, 2], undefined]);
    late.request(1);
    expect([late.values, late.ending]).toEqual([[1, 2, 3], 'complete']);
  });

  it('keeps types from the first operator to the sixth', () => {
    const one = through(map((n: number) => `${n}`));
    const six = through(
      map((n: number) => `${n}`),
      map((s) => s.length),
      map((n) => [n]),
      map((list) => list[0]!),
      map((n) => n > 1),
      map((yes) => ({ yes })),
    );
    expectTypeOf(one).toEqualTypeOf<FlowOperator<number, string>>();
    expectTypeOf(six).toEqualTypeOf<FlowOperator<number, { yes: boolean }>>();
    expect(probe(fromIterable([12]).via(six), 1).values).toEqual([{ yes: true }]);
  });
});
