import { concat, NEVER, of, take, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { ConfigError } from '../../lib/core/errors.js';
import { fromIterable } from '../../lib/core/from-iterable.js';
import { obeysTheOperatorLaws } from '../../lib/testing/laws.js';
import { operatorObeysTheFlowRules } from '../../lib/testing/operator-rules.js';
import { mergeBounded } from '../../operators/merge-bounded.js';
import { gc } from '../support/gc.js';
import { marble } from '../support/marble.js';

const lost = new Error('lost');

describe('mergeBounded', () => {
  obeysTheOperatorLaws(() => mergeBounded((n) => of(n, -n)), { it, expect });

  describe('of promises, in a Flow', () => {
    const make = () => mergeBounded(async (n: number) => n * 2, { concurrency: 4 });
    operatorObeysTheFlowRules(make, { it, expect, gc, bound: 4 });
  });

  describe('of streams, in a Flow', () => {
    const make = () => mergeBounded((n: number) => fromIterable([n, -n]), { concurrency: 2 });
    operatorObeysTheFlowRules(make, { it, expect, gc, bound: 2 });
  });

  describe('of long streams, in a Flow', () => {
    const many = Array.from({ length: 40 }, (_, index) => index);
    const make = () => mergeBounded((n: number) => fromIterable(many.map((m) => n + m)), { concurrency: 1 });
    operatorObeysTheFlowRules(make, { it, expect, gc, bound: 1 });
  });

  describe('of plain Observables, in a Flow', () => {
    const make = () => mergeBounded((n: number) => of(n), { concurrency: 3 });
    operatorObeysTheFlowRules(make, { it, expect, gc, bound: 3 });
  });

  marble('runs calls side by side and sends their results as they come', (t) => {
    const source = t.cold('  -a-b-c---|  ');
    const a = t.cold('        -----1|    ');
    const b = t.cold('          --2|     ');
    const c = t.cold('            ----3| ');
    const expected = '       -----21--3| ';

    const calls = new Map(Object.entries({ a, b, c }));
    t.expectObservable(source.pipe(mergeBounded((name) => calls.get(name)!))).toBe(expected);
    t.expectSubscriptions(source.subscriptions).toBe('^--------!');
    t.expectSubscriptions(a.subscriptions).toBe('     -^-----!');
    t.expectSubscriptions(b.subscriptions).toBe('     ---^--!');
    t.expectSubscriptions(c.subscriptions).toBe('     -----^----!');
  });

  marble('runs no more calls than it may, and starts the next when one is over', (t) => {
    const source = t.cold('  (abc|)  ');
    const a = t.cold('       --1|    ');
    const b = t.cold('       -2|     ');
    const c = t.cold('         -3|   ');
    const expected = '       -213|   ';

    const calls = new Map(Object.entries({ a, b, c }));
    t.expectObservable(source.pipe(mergeBounded((name) => calls.get(name)!, { concurrency: 2 }))).toBe(expected);
    t.expectSubscriptions(a.subscriptions).toBe('^--!  ');
    t.expectSubscriptions(b.subscriptions).toBe('^-!   ');
    t.expectSubscriptions(c.subscriptions).toBe('--^-! ');
  });

  marble('runs one call after the other with a concurrency of 1', (t) => {
    const source = t.cold('  (abc|)    ');
    const call = t.cold('    -1-2|     ');
    const expected = '       -1-2-1-2-1-2|';

    t.expectObservable(source.pipe(mergeBounded(() => call, { concurrency: 1 }))).toBe(expected);
    t.expectSubscriptions(call.subscriptions).toBe(['^---!', '----^---!', '--------^---!']);
  });

  marble('completes when an empty call is the last to complete', (t) => {
    const source = t.cold('  (ab|)');
    const a = t.cold('       ---| ');
    const b = t.cold('       -|   ');
    const expected = '       ---| ';

    const calls = new Map(Object.entries({ a, b }));
    t.expectObservable(source.pipe(mergeBounded((name) => calls.get(name)!))).toBe(expected);
  });
});

describe('an error in mergeBounded', () => {
  marble('of a call passes at once and cancels the source and the other calls', (t) => {
    const source = t.cold('  (ab)---c ');
    const a = t.cold('       -1---2|  ');
    const b = t.cold('       --3#     ', undefined, lost);
    const expected = '       -13#     ';

    const calls = new Map(Object.entries({ a, b }));
    t.expectObservable(source.pipe(mergeBounded((name) => calls.get(name)!))).toBe(expected, undefined, lost);
    t.expectSubscriptions(a.subscriptions).toBe('     ^--!');
    t.expectSubscriptions(b.subscriptions).toBe('     ^--!');
    t.expectSubscriptions(source.subscriptions).toBe('^--!');
  });

  marble('of the source passes at once and cancels the calls', (t) => {
    const source = t.cold('  a--#  ', undefined, lost);
    const a = t.cold('       -1---|');
    const expected = '       -1-#  ';

    t.expectObservable(source.pipe(mergeBounded(() => a))).toBe(expected, undefined, lost);
    t.expectSubscriptions(a.subscriptions).toBe('     ^--!');
    t.expectSubscriptions(source.subscriptions).toBe('^--!');
  });

  marble('of the project is that of its call', (t) => {
    const source = t.cold('  ab--c|');
    const a = t.cold('       --1|  ');
    const expected = '       -#    ';

    const project = (name: string) => (name === 'a' ? a : throwNow(lost));
    t.expectObservable(source.pipe(mergeBounded(project))).toBe(expected, undefined, lost);
    t.expectSubscriptions(source.subscriptions).toBe('^!');
    t.expectSubscriptions(a.subscriptions).toBe('^!');
  });

  it('names an answer that is no stream', () => {
    let error: unknown;
    of(1)
      .pipe(mergeBounded(() => 7 as never))
      .subscribe({ error: (thrown: unknown) => (error = thrown) });
    expect(error).toBeInstanceOf(TypeError);
  });

  it('comes after what came before it, and nothing follows', () => {
    const signals: unknown[] = [];
    const source = concat(
      of(1, 2),
      throwError(() => lost),
    );
    source.pipe(mergeBounded((n) => of(n))).subscribe({
      next: (n) => signals.push(n),
      error: (error: unknown) => signals.push(error),
    });
    expect(signals).toEqual([1, 2, lost]);
  });
});

describe('leaving mergeBounded', () => {
  marble('cancels the source and every call', (t) => {
    const source = t.cold('  a-b-c---d');
    const call = t.cold('    --------1|');
    const leave = '          -----!   ';
    const expected = '       ------   ';

    t.expectObservable(source.pipe(mergeBounded(() => call)), leave).toBe(expected);
    t.expectSubscriptions(source.subscriptions).toBe('^----!');
    t.expectSubscriptions(call.subscriptions).toBe(['^----!', '--^--!', '----^!']);
  });

  marble('in a result cancels what is left', (t) => {
    const source = t.cold('  ab------');
    const a = t.cold('       ----1---');
    const b = t.cold('        -2-----');
    const expected = '       --(2|)  ';

    const calls = new Map(Object.entries({ a, b }));
    const merged = source.pipe(
      mergeBounded((name) => calls.get(name)!),
      take(1),
    );
    t.expectObservable(merged).toBe(expected);
    t.expectSubscriptions(source.subscriptions).toBe('^-!');
    t.expectSubscriptions(a.subscriptions).toBe('     ^-!');
    t.expectSubscriptions(b.subscriptions).toBe('     -^!');
  });
});

describe('the options of mergeBounded', () => {
  it.each([0, -1, 2.5, NaN])('refuse a concurrency of %o', (concurrency) => {
    expect(() => mergeBounded(() => NEVER, { concurrency })).toThrow(ConfigError);
    expect(() => mergeBounded(() => NEVER, { concurrency })).toThrow(
      `mergeBounded.concurrency: must be a whole number from 1, or Infinity, not ${concurrency}`,
    );
  });

  it('refuse a concurrency that is neither a number nor a limit', () => {
    expect(() => mergeBounded(() => NEVER, { concurrency: '4' as never })).toThrow(
      'mergeBounded.concurrency: must be a number, an Observable of numbers, or a limit that adapts',
    );
  });

  it('refuse a key that is not known', () => {
    expect(() => mergeBounded(() => NEVER, { concurency: 4 } as object)).toThrow('did you mean "concurrency"?');
  });
});

function throwNow(error: Error): never {
  throw error;
}
