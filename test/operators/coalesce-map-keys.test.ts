import { concat, NEVER, type Observable, of } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';

import { ConfigError } from '../../lib/core/errors.js';
import type { Flow } from '../../lib/core/flow.js';
import type { CallKey } from '../../lib/core/merge/call-key.js';
import { createCoalescer } from '../../lib/core/policy/coalescer.js';
import { probe } from '../../lib/testing/flow-probe.js';
import { Upstream } from '../../lib/testing/upstream.js';
import { coalesceMap } from '../../operators/coalesce-map.js';

function note<R>(result: Observable<R>): unknown[] {
  const signals: unknown[] = [];
  result.subscribe({ next: (value) => signals.push(value), error: (error: unknown) => signals.push(error) });
  return signals;
}

describe('the key of coalesceMap', () => {
  function calls(...keys: CallKey[]): number {
    const project = vi.fn<() => Observable<never>>(() => NEVER);
    note(of(...keys).pipe(coalesceMap(project, (key) => key)));
    return project.mock.calls.length;
  }

  it.each([
    [
      ['a', 'user 1'],
      ['a', 'user 1'],
    ],
    [
      { id: 1, as: ['x', null] },
      { as: ['x', null], id: 1 },
    ],
    [{ id: 1, as: undefined }, { id: 1 }],
    [NaN, NaN],
    [0, -0],
    [
      [0n, 0],
      [0n, -0],
    ],
  ] as CallKey[][])('is the same: %o and %o', (one, other) => {
    expect(calls(one, other)).toBe(1);
  });

  it.each([
    [
      ['a', 'user 1'],
      ['a', 'user 2'],
    ],
    [['a', 'b'], ['a,b']],
    [['a'], '["a"]'],
    [{ a: 1 }, '{"a":1}'],
    ['"a"', 'a'],
    [['1'], [1]],
    [['null'], [null]],
    [null, undefined],
    ['1', 1],
    [1n, 1],
    [[1n], ['1n']],
    [{ 'a":1,"b': 1 }, { a: 1, b: 1 }],
  ] as CallKey[][])('is another: %o and %o', (one, other) => {
    expect(calls(one, other)).toBe(2);
  });

  it.each([
    [new Date(0), 'a value of class Date'],
    [[new Map()], 'a value of class Map'],
    [() => 1, 'a function'],
    [Symbol('s'), 'a symbol'],
  ])('that has no content to compare is an error: %o', (key, what) => {
    const signals = note(
      of(1).pipe(
        coalesceMap(
          () => NEVER,
          () => key as never,
        ),
      ),
    );
    expect(signals).toEqual([expect.any(ConfigError)]);
    expect(String(signals[0])).toContain(`not ${what}`);
  });
});

describe('a call of many values that is shared', () => {
  it('goes at the pace of the slowest, the others are 16 values ahead at most', () => {
    const coalescer = createCoalescer<number>();
    const call = new Upstream();
    const ask = (n: number) =>
      probe(
        (of(1) as Observable<number>).pipe(
          coalesceMap(
            () => call.flow,
            (key) => key,
            { coalescer },
          ),
        ) as Flow<number>,
        n,
      );
    const [quick, slow] = [ask(Infinity), ask(1)];
    while (call.answer());
    expect([quick!.values.length, slow!.values.length]).toEqual([16, 1]);
    slow!.request(11);
    while (call.answer());
    expect([quick!.values.length, slow!.values.length]).toEqual([28, 12]);
    slow!.cancel();
    for (let n = 0; n < 100; n++) call.answer();
    expect([quick!.values.length, call.cancels]).toEqual([128, 0]);
  });

  it('is cancelled when all have left', () => {
    const call = new Upstream();
    const below = probe(
      (concat(of(1, 1), NEVER) as Observable<number>).pipe(
        coalesceMap(
          () => call.flow,
          () => 1,
        ),
      ) as Flow<number>,
      3,
    );
    while (call.answer());
    expect(below.values).toEqual([1, 1, 2]);
    below.cancel();
    expect(call.cancels).toBe(1);
  });
});
