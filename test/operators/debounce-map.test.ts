import { NEVER, of, take } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { ConfigError } from '../../lib/core/errors.js';
import { obeysTheOperatorLaws } from '../../lib/testing/laws.js';
import { debounceMap } from '../../operators/debounce-map.js';
import { marble } from '../support/marble.js';

const lost = new Error('lost');

describe('debounceMap', () => {
  obeysTheOperatorLaws((clock) => debounceMap((n) => of(n), { clock }), { it, expect });

  describe('with a leading edge', () => {
    obeysTheOperatorLaws((clock) => debounceMap((n) => of(n), { leading: true, clock }), { it, expect });
  });

  marble('runs a call for the last value once the source is quiet', (t) => {
    const source = t.cold('  -a-b-c--------|');
    const call = t.cold('            -1|   ');
    const expected = '       ---------1----|';

    const names: string[] = [];
    const project = (name: string) => (names.push(name), call);
    t.expectObservable(source.pipe(debounceMap(project, { waitMs: 3, clock: t.clock }))).toBe(expected);
    t.expectSubscriptions(call.subscriptions).toBe('--------^-!');
    t.expectSubscriptions(source.subscriptions).toBe('^-------------!');
    t.flush();
    expect(names).toEqual(['c']);
  });

  marble('cancels the call before when the next one starts', (t) => {
    const source = t.cold('  a----b-------');
    const a = t.cold('         1-2-3-4-5  ');
    const b = t.cold('              -6----');
    const expected = '       --1-2---6----';

    const calls = new Map(Object.entries({ a, b }));
    const project = (name: string) => calls.get(name)!;
    t.expectObservable(source.pipe(debounceMap(project, { waitMs: 2, clock: t.clock })), '12ms !').toBe(expected);
    t.expectSubscriptions(a.subscriptions).toBe('--^----!');
    t.expectSubscriptions(b.subscriptions).toBe('-------^----!');
  });

  marble('completes after the source and the last call', (t) => {
    const source = t.cold('  a---|  ');
    const call = t.cold('      ---1|');
    const expected = '       -----1|';

    t.expectObservable(source.pipe(debounceMap(() => call, { waitMs: 2, clock: t.clock }))).toBe(expected);
    t.expectSubscriptions(source.subscriptions).toBe('^---!');
  });

  marble('uses a waiting value at once when the source completes', (t) => {
    const source = t.cold('  a-|    ');
    const call = t.cold('      --1| ');
    const expected = '       ----1| ';

    t.expectObservable(source.pipe(debounceMap(() => call, { waitMs: 9, clock: t.clock }))).toBe(expected);
    t.expectSubscriptions(call.subscriptions).toBe('--^--!');
  });

  marble('uses a value no longer than maxWaitMs after it came, while others keep coming', (t) => {
    const source = t.cold('  abcdefghi-----------');
    const expected = '       ----e----i----------';

    const options = { waitMs: 2, maxWaitMs: 4, clock: t.clock };
    t.expectObservable(source.pipe(debounceMap((name) => of(name), options)), '19ms !').toBe(expected);
  });

  marble('uses each value in its turn of the clock with a waitMs of 0', (t) => {
    const source = t.cold('  (ab)-c-');
    const expected = '       b----c-';

    t.expectObservable(source.pipe(debounceMap((name) => of(name), { waitMs: 0, clock: t.clock }))).toBe(expected);
  });
});

describe('a leading edge of debounceMap', () => {
  marble('uses the first value after a quiet time at once, and the last one later', (t) => {
    const source = t.cold('  abc-----d------efg--');
    const expected = '       a----c--d------e----g';

    const options = { waitMs: 3, leading: true, clock: t.clock };
    t.expectObservable(source.pipe(debounceMap((name) => of(name), options))).toBe(expected);
  });

  marble('does not use a lonely value twice', (t) => {
    const source = t.cold('  a-----b-----');
    const expected = '       a-----b-----';

    const options = { waitMs: 3, leading: true, clock: t.clock };
    t.expectObservable(source.pipe(debounceMap((name) => of(name), options))).toBe(expected);
  });
});

describe('a repeated value in debounceMap', () => {
  marble('starts nothing, whether its call runs or has ended', (t) => {
    const source = t.cold('  a----a-----a----');
    const call = t.cold('      -----1|       ');
    const expected = '       -------1--------';

    t.expectObservable(source.pipe(debounceMap(() => call, { waitMs: 2, clock: t.clock }))).toBe(expected);
    t.expectSubscriptions(call.subscriptions).toBe('--^-----!');
  });

  marble('leaves its call running when another value came between, within the wait', (t) => {
    const source = t.cold('  a---ba----------');
    const a = t.cold('         -----1|       ');
    const expected = '       -------1--------';

    const project = (name: string) => (name === 'a' ? a : NEVER);
    t.expectObservable(source.pipe(debounceMap(project, { waitMs: 2, clock: t.clock }))).toBe(expected);
    t.expectSubscriptions(a.subscriptions).toBe('--^-----!');
  });

  marble('starts its call again when the other value has had a call', (t) => {
    const source = t.cold('  a---b---a-------');
    const expected = '       --a---b---a-----';

    t.expectObservable(source.pipe(debounceMap((name) => of(name), { waitMs: 2, clock: t.clock }))).toBe(expected);
  });

  marble('is what the program says', (t) => {
    const source = t.cold('  a---A---b-------');
    const expected = '       --a-------b-----';

    const isSame = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
    const options = { waitMs: 2, isSame, clock: t.clock };
    t.expectObservable(source.pipe(debounceMap((name) => of(name), options))).toBe(expected);
  });

  marble('may be an undefined one', (t) => {
    const source = t.cold('  a---b---|', { a: undefined, b: undefined });
    const expected = '       --1-----|';

    t.expectObservable(source.pipe(debounceMap(() => of('1'), { waitMs: 2, clock: t.clock }))).toBe(expected);
  });
});

describe('what a call says while another value waits in debounceMap', () => {
  marble('is dropped when the other value gets its call', (t) => {
    const source = t.cold('  a---b--------');
    const a = t.cold('         ---1-2-3  ');
    const b = t.cold('              -4   ');
    const expected = '       --------4----';

    const calls = new Map(Object.entries({ a, b }));
    const project = (name: string) => calls.get(name)!;
    t.expectObservable(source.pipe(debounceMap(project, { waitMs: 3, clock: t.clock }))).toBe(expected);
    t.expectSubscriptions(a.subscriptions).toBe('---^---!');
  });

  marble('passes when the other value is withdrawn', (t) => {
    const source = t.cold('  a------b---a-----');
    const a = t.cold('            -1-2-3-----4');
    const expected = '       ------1----(23)-4';

    t.expectObservable(source.pipe(debounceMap(() => a, { waitMs: 5, clock: t.clock }))).toBe(expected);
    t.expectSubscriptions(a.subscriptions).toBe('-----^');
  });

  marble('is dropped when it is an error, and passes when it is wanted after all', (t) => {
    const dropped = t.cold(' a---b----   ');
    const wanted = t.cold('  a---b-a--   ');
    const a = t.cold('          --#      ', undefined, lost);
    const b = t.cold('              1    ');

    const calls = new Map(Object.entries({ a, b }));
    const operator = debounceMap((name: string) => calls.get(name)!, { waitMs: 3, clock: t.clock });
    t.expectObservable(dropped.pipe(operator)).toBe('-------1');
    t.expectObservable(wanted.pipe(operator)).toBe(' ------#', undefined, lost);
  });

  marble('still completes the result when its value is the last one', (t) => {
    const source = t.cold('  a---b-a-|   ');
    const a = t.cold('          --1|     ');
    const expected = '       ------1-|   ';

    t.expectObservable(source.pipe(debounceMap(() => a, { waitMs: 3, clock: t.clock }))).toBe(expected);
  });
});

describe('the picture on the page of debounceMap', () => {
  marble('is what happens', (t) => {
    const typed = t.cold('   a----b-a----c---------');
    const a = t.cold('          ---1---2---3       ');
    const c = t.cold('                      -4-5|  ');
    const expected = '       -------1--2-----4-5---';

    const calls = new Map(Object.entries({ a, c }));
    const project = (name: string) => calls.get(name)!;
    t.expectObservable(typed.pipe(debounceMap(project, { waitMs: 3, clock: t.clock }))).toBe(expected);
    t.expectSubscriptions(a.subscriptions).toBe('---^-----------!');
  });
});

describe('an error in debounceMap', () => {
  marble('of the source passes at once, and cancels the wait and the call', (t) => {
    const source = t.cold('  a---b#', undefined, lost);
    const call = t.cold('      -------');
    const expected = '       -----#';

    t.expectObservable(source.pipe(debounceMap(() => call, { waitMs: 2, clock: t.clock }))).toBe(
      expected,
      undefined,
      lost,
    );
    t.expectSubscriptions(call.subscriptions).toBe('--^--!');
  });

  marble('of the call passes at once, and cancels the source', (t) => {
    const source = t.cold('  a---------');
    const call = t.cold('      -1#     ', undefined, lost);
    const expected = '       ---1#     ';

    t.expectObservable(source.pipe(debounceMap(() => call, { waitMs: 2, clock: t.clock }))).toBe(
      expected,
      undefined,
      lost,
    );
    t.expectSubscriptions(source.subscriptions).toBe('^---!');
  });

  marble('of the project or of isSame passes at once', (t) => {
    const source = t.cold('  a---b-----');
    const fail = () => {
      throw lost;
    };

    const project = source.pipe(debounceMap(fail, { waitMs: 2, clock: t.clock }));
    const isSame = source.pipe(debounceMap(() => NEVER, { waitMs: 2, isSame: fail, clock: t.clock }));
    t.expectObservable(project).toBe('--#', undefined, lost);
    t.expectObservable(isSame).toBe(' ----#', undefined, lost);
  });
});

describe('leaving debounceMap', () => {
  marble('cancels the source, the wait and the call', (t) => {
    const source = t.cold('  a---b-----');
    const call = t.cold('      --------');
    const leave = '          -----!    ';

    t.expectObservable(source.pipe(debounceMap(() => call, { waitMs: 2, clock: t.clock })), leave).toBe('');
    t.expectSubscriptions(source.subscriptions).toBe('^----!');
    t.expectSubscriptions(call.subscriptions).toBe('--^--!');
  });

  marble('in a result cancels what is left', (t) => {
    const source = t.cold('  a---------');
    const call = t.cold('      -1-2-3  ');
    const expected = '       ---1-(2|) ';

    const result = source.pipe(
      debounceMap(() => call, { waitMs: 2, clock: t.clock }),
      take(2),
    );
    t.expectObservable(result).toBe(expected);
    t.expectSubscriptions(source.subscriptions).toBe('^----!');
    t.expectSubscriptions(call.subscriptions).toBe('--^--!');
  });
});

describe('the options of debounceMap', () => {
  it('are refused when they are wrong, naming the field', () => {
    expect(() => debounceMap(() => NEVER, { waitMs: -1 })).toThrow(ConfigError);
    expect(() => debounceMap(() => NEVER, { waitMs: -1 })).toThrow(
      'debounceMap.waitMs: must be a number, 0 or more, not -1',
    );
    expect(() => debounceMap(() => NEVER, { waitMs: 50, maxWaitMs: 49 })).toThrow(
      'debounceMap.maxWaitMs: must be a number, 50 or more, not 49',
    );
    expect(() => debounceMap(() => NEVER, { wait: 5 } as object)).toThrow('did you mean "waitMs"?');
  });
});
