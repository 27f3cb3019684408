import { concat, NEVER, of, take, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { ConfigError } from '../../lib/core/errors.js';
import { fromIterable } from '../../lib/core/from-iterable.js';
import { obeysTheOperatorLaws } from '../../lib/testing/laws.js';
import { operatorObeysTheFlowRules } from '../../lib/testing/operator-rules.js';
import { mergeOrdered } from '../../operators/merge-ordered.js';
import { gc } from '../support/gc.js';
import { marble } from '../support/marble.js';

const lost = new Error('lost');
const other = new Error('other');

describe('mergeOrdered', () => {
  obeysTheOperatorLaws(() => mergeOrdered((n) => of(n, -n)), { it, expect });

  describe('of promises, in a Flow', () => {
    const make = () => mergeOrdered(async (n: number) => n * 2, { concurrency: 4 });
    operatorObeysTheFlowRules(make, { it, expect, gc, bound: 4 });
  });

  describe('of streams, in a Flow', () => {
    const make = () => mergeOrdered((n: number) => fromIterable([n, -n]), { concurrency: 2 });
    operatorObeysTheFlowRules(make, { it, expect, gc, bound: 2 });
  });

  describe('of long streams, in a Flow', () => {
    const many = Array.from({ length: 40 }, (_, index) => index);
    const make = () => mergeOrdered((n: number) => fromIterable(many.map((m) => n + m)), { concurrency: 1 });
    operatorObeysTheFlowRules(make, { it, expect, gc, bound: 1 });
  });

  describe('of plain Observables one at a time, in a Flow', () => {
    const make = () => mergeOrdered((n: number) => of(n), { concurrency: 1 });
    operatorObeysTheFlowRules(make, { it, expect, gc, bound: 1 });
  });

  marble('runs calls side by side and sends their results in the order of the source', (t) => {
    const source = t.cold('  -a-b-c---|  ');
    const a = t.cold('        -----1|    ');
    const b = t.cold('          --2|     ');
    const c = t.cold('            ----3| ');
    const expected = '       ------12-3| ';

    const calls = new Map(Object.entries({ a, b, c }));
    t.expectObservable(source.pipe(mergeOrdered((name) => calls.get(name)!))).toBe(expected);
    t.expectSubscriptions(source.subscriptions).toBe('^--------!');
    t.expectSubscriptions(a.subscriptions).toBe('     -^-----!');
    t.expectSubscriptions(b.subscriptions).toBe('     ---^--!');
    t.expectSubscriptions(c.subscriptions).toBe('     -----^----!');
  });

  marble('passes what the first call sends at once, and holds what the others send', (t) => {
    const source = t.cold('  (ab|)             ');
    const a = t.cold('       -1--2--3-|        ');
    const b = t.cold('       4-5------------6-|');
    const expected = '       -1--2--3-(45)--6-|';

    const calls = new Map(Object.entries({ a, b }));
    t.expectObservable(source.pipe(mergeOrdered((name) => calls.get(name)!))).toBe(expected);
  });

  marble('runs no more calls than it may hold', (t) => {
    const source = t.cold('  (abc|) ');
    const a = t.cold('       --1|   ');
    const b = t.cold('       -2|    ');
    const c = t.cold('          -3| ');
    const expected = '       --123| ';

    const calls = new Map(Object.entries({ a, b, c }));
    t.expectObservable(source.pipe(mergeOrdered((name) => calls.get(name)!, { concurrency: 2 }))).toBe(expected);
    t.expectSubscriptions(a.subscriptions).toBe('^--!  ');
    t.expectSubscriptions(b.subscriptions).toBe('^-!   ');
    t.expectSubscriptions(c.subscriptions).toBe('---^-!');
  });

  marble('runs one call after the other with a concurrency of 1', (t) => {
    const source = t.cold('  (abc|)    ');
    const call = t.cold('    -1-2|     ');
    const expected = '       -1-2-1-2-1-2|';

    t.expectObservable(source.pipe(mergeOrdered(() => call, { concurrency: 1 }))).toBe(expected);
    t.expectSubscriptions(call.subscriptions).toBe(['^---!', '----^---!', '--------^---!']);
  });

  marble('completes when an empty call is the last to complete', (t) => {
    const source = t.cold('  (ab|)');
    const a = t.cold('       ---| ');
    const b = t.cold('       -|   ');
    const expected = '       ---| ';

    const calls = new Map(Object.entries({ a, b }));
    t.expectObservable(source.pipe(mergeOrdered((name) => calls.get(name)!))).toBe(expected);
  });
});

describe('an error in mergeOrdered', () => {
  marble('waits for its turn, and cancels at once what lies behind it', (t) => {
    const source = t.cold('  (abc)---d ');
    const a = t.cold('       ----1|    ');
    const b = t.cold('       --2#      ', undefined, lost);
    const c = t.cold('       ------3|  ');
    const expected = '       ----1(2#) ';

    const calls = new Map(Object.entries({ a, b, c }));
    t.expectObservable(source.pipe(mergeOrdered((name) => calls.get(name)!))).toBe(expected, undefined, lost);
    t.expectSubscriptions(a.subscriptions).toBe('     ^----!');
    t.expectSubscriptions(b.subscriptions).toBe('     ^--!');
    t.expectSubscriptions(c.subscriptions).toBe('     ^--!');
    t.expectSubscriptions(source.subscriptions).toBe('^--!');
  });

  marble('gives way to an error that comes later but lies before it', (t) => {
    const source = t.cold('  (ab|) ');
    const a = t.cold('       -1--# ', undefined, lost);
    const b = t.cold('       --#   ', undefined, other);
    const expected = '       -1--# ';

    const calls = new Map(Object.entries({ a, b }));
    t.expectObservable(source.pipe(mergeOrdered((name) => calls.get(name)!))).toBe(expected, undefined, lost);
  });

  marble('of the source waits for the calls that were started before it', (t) => {
    const source = t.cold('  ab-#   ', undefined, lost);
    const a = t.cold('       -1---| ');
    const b = t.cold('        -2|   ');
    const expected = '       -1---(2#)';

    const calls = new Map(Object.entries({ a, b }));
    t.expectObservable(source.pipe(mergeOrdered((name) => calls.get(name)!))).toBe(expected, undefined, lost);
    t.expectSubscriptions(source.subscriptions).toBe('^--!');
  });

  marble('of the project takes the place of its call', (t) => {
    const source = t.cold('  ab--c|');
    const a = t.cold('       --1|  ');
    const expected = '       --1#  ';

    const project = (name: string) => (name === 'a' ? a : throwNow(lost));
    t.expectObservable(source.pipe(mergeOrdered(project))).toBe(expected, undefined, lost);
    t.expectSubscriptions(source.subscriptions).toBe('^!');
  });

  it('names an answer that is no stream', () => {
    let error: unknown;
    of(1)
      .pipe(mergeOrdered(() => 7 as never))
      .subscribe({ error: (thrown: unknown) => (error = thrown) });
    expect(error).toBeInstanceOf(TypeError);
  });

  it('does not disturb what came before, and nothing follows', () => {
    const signals: unknown[] = [];
    const source = concat(
      of(1, 2),
      throwError(() => lost),
    );
    source.pipe(mergeOrdered((n) => of(n))).subscribe({
      next: (n) => signals.push(n),
      error: (error: unknown) => signals.push(error),
    });
    expect(signals).toEqual([1, 2, lost]);
  });
});

describe('leaving mergeOrdered', () => {
  marble('cancels the source and every call', (t) => {
    const source = t.cold('  a-b-c---d');
    const call = t.cold('    --------1|');
    const leave = '          -----!   ';
    const expected = '       ------   ';

    t.expectObservable(source.pipe(mergeOrdered(() => call)), leave).toBe(expected);
    t.expectSubscriptions(source.subscriptions).toBe('^----!');
    t.expectSubscriptions(call.subscriptions).toBe(['  ^----!', '--^--!', '----^!']);
  });

  marble('in a result cancels what is left', (t) => {
    const source = t.cold('  ab------');
    const a = t.cold('       --1-----');
    const b = t.cold('        -2-----');
    const expected = '       --(1|)  ';

    const calls = new Map(Object.entries({ a, b }));
    t.expectObservable(
      source.pipe(
        mergeOrdered((name) => calls.get(name)!),
        take(1),
      ),
    ).toBe(expected);
    t.expectSubscriptions(source.subscriptions).toBe('^-!');
    t.expectSubscriptions(a.subscriptions).toBe('     ^-!');
    t.expectSubscriptions(b.subscriptions).toBe('     -^!');
  });
});

describe('the options of mergeOrdered', () => {
  it.each([0, -1, 2.5, NaN])('refuse a concurrency of %o', (concurrency) => {
    expect(() => mergeOrdered(() => NEVER, { concurrency })).toThrow(ConfigError);
    expect(() => mergeOrdered(() => NEVER, { concurrency })).toThrow(
      `mergeOrdered.concurrency: must be a whole number from 1, or Infinity, not ${concurrency}`,
    );
  });

  it('refuse a key that is not known', () => {
    expect(() => mergeOrdered(() => NEVER, { concurency: 4 } as object)).toThrow('did you mean "concurrency"?');
  });
});

function throwNow(error: Error): never {
  throw error;
}
