import { concat, EMPTY, map, NEVER, type Observable, of, range, Subject, take, throwError, timer } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { ConfigError } from '../../lib/core/errors.js';
import { obeysTheOperatorLaws } from '../../lib/testing/laws.js';
import { operatorObeysTheFlowRules } from '../../lib/testing/operator-rules.js';
import { batchMap } from '../../operators/batch-map.js';
import { gc } from '../support/gc.js';
import { marble } from '../support/marble.js';

const lost = new Error('lost');
const upper = (names: readonly string[]) => names.map((name) => name.toUpperCase());

describe('batchMap', () => {
  const double = (values: readonly number[]) => of(values.map((n) => n * 2));
  obeysTheOperatorLaws((clock) => batchMap(double, { clock }), { it, expect });

  describe('by time', () => {
    obeysTheOperatorLaws((clock) => batchMap(double, { waitMs: 2, clock }), { it, expect });
  });

  describe('of promises, in a Flow', () => {
    const load = async (values: readonly number[]) => values.map((n) => n * 2);
    operatorObeysTheFlowRules(() => batchMap(load, { maxCount: 2, concurrency: 2 }), { it, expect, gc, bound: 4 });
  });

  describe('one by one, in a Flow', () => {
    const make = () => batchMap(double, { maxCount: 1, concurrency: 1 });
    operatorObeysTheFlowRules(make, { it, expect, gc, bound: 1 });
  });

  marble('loads so many values at once, and emits their results in the order of the source', (t) => {
    const source = t.cold('  -a-b-c-d--e|           ');
    const expected = '       ----------(ABCD)---(E|)';

    const waits = [7, 2, 8]; // the second batch is answered before the first one
    const load = (names: readonly string[]) => timer(waits.shift()!).pipe(map(() => upper(names)));
    const result = source.pipe(batchMap(load, { maxCount: 2, waitMs: 99, clock: t.clock }));
    t.expectObservable(result).toBe(expected);
    t.expectSubscriptions(source.subscriptions).toBe('^----------!');
  });

  marble('loads what came within waitMs of the first value', (t) => {
    const source = t.cold('  -a-b-----c----|');
    const expected = '       ----(AB)----C-|';

    t.expectObservable(source.pipe(batchMap(upper, { waitMs: 3, clock: t.clock }))).toBe(expected);
  });

  marble('loads at once what waits when the source completes', (t) => {
    const source = t.cold('  ab|   ');
    const expected = '       --(AB|)';

    t.expectObservable(source.pipe(batchMap(upper, { waitMs: 9, clock: t.clock }))).toBe(expected);
  });

  marble('runs so many batches at once, and lets the next one take more meanwhile', (t) => {
    const source = t.cold('  a-b-c--------|   ');
    const expected = '       ------A----(BC|)';

    const starts: [number, string][] = [];
    const startMs = t.clock.now();
    const load = (names: readonly string[]) => {
      starts.push([t.clock.now() - startMs, names.join('')]);
      return timer(5).pipe(map(() => upper(names)));
    };
    const result = source.pipe(batchMap(load, { waitMs: 1, concurrency: 1, clock: t.clock }), take(3));
    t.expectObservable(result).toBe(expected);
    t.flush();
    expect(starts).toEqual([
      [1, 'a'],
      [6, 'bc'],
    ]);
  });

  it('loads what came in one turn when it has no waitMs', async () => {
    const source = new Subject<string>();
    const { loads, load } = noted(upper);
    const results: string[] = [];
    source.pipe(batchMap(load)).subscribe((name) => results.push(name));
    for (const name of ['a', 'b']) source.next(name);
    expect(loads).toEqual([]);
    await Promise.resolve();
    source.next('c');
    await Promise.resolve();
    expect([loads, results]).toEqual([
      [['a', 'b'], ['c']],
      ['A', 'B', 'C'],
    ]);
  });

  it('loads no more bytes at once than maxBytes, and a larger value alone', () => {
    const { loads, load } = noted(upper);
    const options = { maxBytes: 3, bytesOf: (name: string) => name.length };
    const names = ['a', 'bb', 'cccc', 'd', 'e', 'ff'];
    expect(signalsOf(of(...names).pipe(batchMap(load, options)))).toEqual([...upper(names), '|']);
    expect(loads).toEqual([['a', 'bb'], ['cccc'], ['d', 'e'], ['ff']]);
  });

  it('takes a list, a Map, a Promise and an Observable of them, which it then leaves', async () => {
    const answer = new Map([
      [2, 'two'],
      [1, 'one'],
    ]);
    expect(signalsOf(of(1, 2).pipe(batchMap(() => answer)))).toEqual(['one', 'two', '|']);
    expect(signalsOf(of(1, 2).pipe(batchMap(() => ['one', 'two'])))).toEqual(['one', 'two', '|']);
    expect(signalsOf(of(1, 2).pipe(batchMap(() => concat(of(answer), NEVER))))).toEqual(['one', 'two', '|']);
    const later = signalsOf(of(1, 2).pipe(batchMap(async () => answer)));
    await Promise.resolve();
    expect(later).toEqual(['one', 'two', '|']);
  });

  it('takes no deeper stack for a million values that are loaded at once', () => {
    let sum = 0;
    range(0, 1_000_000)
      .pipe(batchMap((values: readonly number[]) => values))
      .subscribe((n) => (sum += n));
    expect(sum).toBe(499_999_500_000);
  });
});

describe('an error of batchMap', () => {
  it('that is a result ends the stream in the place of its value', () => {
    expect(signalsOf(of(1, 2, 3).pipe(batchMap(() => ['one', lost, 'three'])))).toEqual(['one', lost]);
    const byValue = new Map<number, string | Error>([
      [1, 'one'],
      [2, lost],
      [3, 'three'],
    ]);
    expect(signalsOf(of(1, 2, 3).pipe(batchMap(() => byValue)))).toEqual(['one', lost]);
  });

  marble('of a batch waits for the batches before it, and what is behind it is cancelled', (t) => {
    const source = t.cold('  abc-------');
    const first = t.cold('   -----1|   ', { 1: ['A'] });
    const second = t.cold<string[]>('   --#      ', {}, lost);
    const third = t.cold('     --------3|', { 3: ['C'] });
    const expected = '       -----(A#) ';

    const loads = [first, second, third];
    const result = source.pipe(batchMap(() => loads.shift()!, { maxCount: 1 }));
    t.expectObservable(result).toBe(expected, { A: 'A' }, lost);
    t.expectSubscriptions(source.subscriptions).toBe('^----!');
    t.expectSubscriptions(third.subscriptions).toBe('  --^--!');
  });

  marble('of the source waits for what came before it', (t) => {
    const source = t.cold('  ab#     ', {}, lost);
    const answer = t.cold('    ---1| ', { 1: ['A', 'B'] });
    const expected = '       -----(AB#)';

    t.expectObservable(source.pipe(batchMap(() => answer, { waitMs: 9, clock: t.clock }))).toBe(
      expected,
      undefined,
      lost,
    );
    t.expectSubscriptions(answer.subscriptions).toBe('--^--!');
  });

  it.each([
    ['is too short a list', () => ['one'], 'answered 1 results for 2 values; give one result for each value'],
    ['has no result for a value', () => new Map([[1, 'one']]), 'answered nothing for value 2 of 2 (2); where there'],
    ['is no list', () => of('one') as unknown as Observable<string[]>, 'answered with no list and no Map'],
    ['never comes', () => EMPTY as Observable<string[]>, 'ended without an answer'],
  ])('tells that the answer %s', (_, load, message) => {
    const error = signalsOf(of(1, 2).pipe(batchMap<number, string>(load))).at(-1);
    expect(error).toBeInstanceOf(ConfigError);
    expect(String(error)).toContain(`batchMap.load: ${message}`);
  });

  it.each([
    ['load throws', () => throwNow(lost)],
    ['load answers with', () => throwError(() => lost)],
  ])('that %s is the same object', (_, load) => {
    expect(signalsOf(of(1, 2).pipe(batchMap(load)))).toEqual([lost]);
  });

  it('names an answer that is no stream, and passes on what bytesOf throws', () => {
    expect(signalsOf(of(1).pipe(batchMap(() => 7 as never)))).toEqual([expect.any(TypeError)]);
    const options = { maxBytes: 9, bytesOf: () => throwNow(lost) };
    expect(signalsOf(of(1).pipe(batchMap(() => ['one'], options)))).toEqual([lost]);
  });
});

describe('the options of batchMap', () => {
  it.each([
    [{ maxCount: 0 }, 'batchMap.maxCount: must be a positive whole number or Infinity, not 0'],
    [{ maxBytes: 9 }, 'batchMap.maxBytes: goes with bytesOf'],
    [{ maxBytes: 0, bytesOf: () => 1 }, 'batchMap.maxBytes: must be a number, 1 or more, not 0'],
    [{ waitMs: -1 }, 'batchMap.waitMs: must be a number, 0 or more, not -1'],
    [{ concurrency: 0 }, 'batchMap.concurrency: must be a whole number from 1'],
    [{ maxcount: 1 }, 'did you mean "maxCount"?'],
  ])('refuse %o', (options, message) => {
    const make = () => batchMap(upper, options as object);
    expect(make).toThrow(ConfigError);
    expect(make).toThrow(message);
  });
});

function signalsOf(result: Observable<unknown>): unknown[] {
  const signals: unknown[] = [];
  result.subscribe({
    next: (value) => signals.push(value),
    error: (error: unknown) => signals.push(error),
    complete: () => signals.push('|'),
  });
  return signals;
}

/** A load that notes what it is asked for. */
function noted<T, A>(load: (values: readonly T[]) => A) {
  const loads: (readonly T[])[] = [];
  return { loads, load: (values: readonly T[]) => (loads.push(values), load(values)) };
}

function throwNow(error: Error): never {
  throw error;
}
