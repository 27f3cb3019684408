import { concat, NEVER, of, range, take, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { ConfigError } from '../../lib/core/errors.js';
import { fromIterable } from '../../lib/core/from-iterable.js';
import type { CallKey } from '../../lib/core/merge/call-key.js';
import { PROGRESS } from '../../lib/core/progress.js';
import { obeysTheOperatorLaws } from '../../lib/testing/laws.js';
import { operatorObeysTheFlowRules } from '../../lib/testing/operator-rules.js';
import { coalesceMap } from '../../operators/coalesce-map.js';
import { gc } from '../support/gc.js';
import { marble } from '../support/marble.js';

const lost = new Error('lost');
const itself = <K extends CallKey>(value: K) => value;

describe('coalesceMap', () => {
  obeysTheOperatorLaws((clock) => coalesceMap((n: number) => of(n, -n), itself, { clock }), { it, expect });

  describe('of promises, in a Flow', () => {
    const make = () => coalesceMap(async (n: number) => n * 2, itself, { capacity: 4 });
    operatorObeysTheFlowRules(make, { it, expect, gc, bound: 4 });
  });

  describe('of streams one at a time, in a Flow', () => {
    const many = Array.from({ length: 40 }, (_, index) => index);
    const stream = (n: number) => fromIterable(many.map((m) => n + m));
    const make = () => coalesceMap(stream, itself, { concurrency: 1, capacity: 2 });
    operatorObeysTheFlowRules(make, { it, expect, gc, bound: 2 });
  });

  describe('of values that all join one call, in a Flow', () => {
    const make = () =>
      coalesceMap(
        async (_n: number) => 'one',
        () => 'one',
        { capacity: 3 },
      );
    operatorObeysTheFlowRules(make, { it, expect, gc, bound: 3 });
  });

  marble('runs one call for values of one key, and gives its answer to each', (t) => {
    const source = t.cold('  -a-a-b---a---|');
    const a = t.cold('        -----1|      ');
    const b = t.cold('            -----2|  ');
    const again = t.cold('            ---3|');
    const expected = '       ------(11)2-3|';

    const calls = new Map([
      ['a', [a, again]],
      ['b', [b]],
    ]);
    t.expectObservable(source.pipe(coalesceMap((name) => calls.get(name)!.shift()!, itself))).toBe(expected);
    t.expectSubscriptions(source.subscriptions).toBe('^------------!');
    t.expectSubscriptions(a.subscriptions).toBe('     -^-----!');
    t.expectSubscriptions(b.subscriptions).toBe('     -----^-----!');
    t.expectSubscriptions(again.subscriptions).toBe(' ---------^---!');
  });

  marble('lets nobody join an answer that has begun', (t) => {
    const source = t.cold('  a-a---a---|   ');
    const first = t.cold('   ---1-----2---|');
    const second = t.cold('        -3|     ');
    const expected = '       ---(11)3-(22)|';

    const calls = [first, second];
    t.expectObservable(source.pipe(coalesceMap(() => calls.shift()!, itself))).toBe(expected);
    t.expectSubscriptions(first.subscriptions).toBe('^------------!');
    t.expectSubscriptions(second.subscriptions).toBe('------^-!');
  });

  marble('lets a value join after progress events, which it has then missed', (t) => {
    const source = t.cold('  a-a----|');
    const call = t.cold('    -p-1|   ', { p: { [PROGRESS]: true }, 1: 'answer' });
    const expected = '       -p-(11)|';

    t.expectObservable(source.pipe(coalesceMap(() => call, itself))).toBe(expected, {
      p: { [PROGRESS]: true },
      1: 'answer',
    });
    t.expectSubscriptions(call.subscriptions).toBe('^---!');
  });

  marble('starts no more calls than it may, and lets others join meanwhile', (t) => {
    const source = t.cold('  (abcab|)   ');
    const a = t.cold('       --1|       ');
    const b = t.cold('          -------2|');
    const c = t.cold('                  ---3|');
    const expected = '       --(11)----(22)3|';

    const calls = new Map(Object.entries({ a, b, c }));
    const result = source.pipe(coalesceMap((name) => calls.get(name)!, itself, { concurrency: 1 }));
    t.expectObservable(result).toBe(expected);
    t.expectSubscriptions(source.subscriptions).toBe('(^!)');
    t.expectSubscriptions(a.subscriptions).toBe('     ^--!');
    t.expectSubscriptions(b.subscriptions).toBe('     ---^-------!');
    t.expectSubscriptions(c.subscriptions).toBe('     -----------^---!');
  });
});

describe('an error of coalesceMap', () => {
  marble('of a call is passed on at once and cancels the rest', (t) => {
    const source = t.cold('  ab-----');
    const a = t.cold('       --#    ', undefined, lost);
    const b = t.cold('        ----2|');
    const expected = '       --#    ';

    const calls = new Map(Object.entries({ a, b }));
    t.expectObservable(source.pipe(coalesceMap((name) => calls.get(name)!, itself))).toBe(expected, undefined, lost);
    t.expectSubscriptions(source.subscriptions).toBe('^-!');
    t.expectSubscriptions(b.subscriptions).toBe('     -^!');
  });

  marble('of the source is passed on at once and cancels the calls', (t) => {
    const source = t.cold('  a--#   ', undefined, lost);
    const call = t.cold('    -----1|');
    const expected = '       ---#   ';

    t.expectObservable(source.pipe(coalesceMap(() => call, itself))).toBe(expected, undefined, lost);
    t.expectSubscriptions(call.subscriptions).toBe('^--!');
  });

  it.each([
    ['the project', coalesceMap((_n: number) => throwNow(lost), itself)],
    [
      'keyOf',
      coalesceMap(
        () => NEVER,
        () => throwNow(lost),
      ),
    ],
  ])('that %s throws is the same object', (_, operator) => {
    let error: unknown;
    of(1)
      .pipe(operator)
      .subscribe({ error: (thrown: unknown) => (error = thrown) });
    expect(error).toBe(lost);
  });

  it('does not disturb what came before, and nothing follows', () => {
    const signals: unknown[] = [];
    concat(
      of(1, 2),
      throwError(() => lost),
    )
      .pipe(coalesceMap((n) => of(n), itself))
      .subscribe({ next: (n) => signals.push(n), error: (error: unknown) => signals.push(error) });
    expect(signals).toEqual([1, 2, lost]);
  });
});

describe('leaving coalesceMap', () => {
  marble('cancels the source and the calls', (t) => {
    const source = t.cold('  a-ab--c');
    const call = t.cold('    -------');
    const leave = '          ----!  ';

    t.expectObservable(source.pipe(coalesceMap(() => call, itself)), leave).toBe('-----');
    t.expectSubscriptions(source.subscriptions).toBe('^---!');
    t.expectSubscriptions(call.subscriptions).toBe(['  ^---!', '---^!']);
  });

  marble('in a result leaves out the others that wait for it', (t) => {
    const source = t.cold('  aaa----');
    const call = t.cold('    ---1|  ');

    t.expectObservable(
      source.pipe(
        coalesceMap(() => call, itself),
        take(2),
      ),
    ).toBe('---(11|)');
    t.expectSubscriptions(source.subscriptions).toBe('^--!');
    t.expectSubscriptions(call.subscriptions).toBe('  ^--!');
  });
});

describe('the options of coalesceMap', () => {
  const make = (options: object) => () => coalesceMap((_n: number) => NEVER, itself, options);

  it.each([
    [{ capacity: 0 }, 'coalesceMap.capacity: must be a positive whole number or Infinity, not 0'],
    [{ concurrency: 0.5 }, 'coalesceMap.concurrency: must be a whole number from 1'],
    [{ deadlineMs: -1 }, 'coalesceMap.deadlineMs: must be a number, 0 or more, not -1'],
    [{ coalescer: {} }, 'coalesceMap.coalescer: make it with createCoalescer()'],
    [{ deadline: 5 }, 'did you mean "deadlineMs"?'],
  ])('refuse %o', (options, message) => {
    expect(make(options)).toThrow(ConfigError);
    expect(make(options)).toThrow(message);
  });
});

describe('a hundred thousand values of coalesceMap', () => {
  it('that are answered at once take no deeper stack', () => {
    let sum = 0;
    range(0, 100_000)
      .pipe(coalesceMap((n) => of(n), itself))
      .subscribe((n) => (sum += n));
    expect(sum).toBe(4_999_950_000);
  });
});

function throwNow(error: Error): never {
  throw error;
}
