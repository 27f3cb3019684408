import { setImmediate as turn } from 'node:timers/promises';

import { NEVER, of, Subject, take, takeUntil } from 'rxjs';
import { describe, expect, it, onTestFinished, vi } from 'vitest';

import type { Clock } from '../../lib/core/clock.js';
import { ConfigError } from '../../lib/core/errors.js';
import { obeysTheOperatorLaws } from '../../lib/testing/laws.js';
import { throttleMap } from '../../operators/throttle-map.js';
import { marble } from '../support/marble.js';

const lost = new Error('lost');

describe('throttleMap', () => {
  const modes = { 'both edges': {}, 'the leading edge': { trailing: false }, 'the trailing edge': { leading: false } };
  for (const [name, mode] of Object.entries(modes)) {
    describe(`with ${name}`, () => {
      obeysTheOperatorLaws((clock) => throttleMap((n) => of(n), { ...mode, windowMs: 3, clock }), { it, expect });
    });
  }

  marble('uses the first value at once, and the newest one when the window is over', (t) => {
    const source = t.cold('  -abcd-------e---|');
    const expected = '       -a---d------e---|';

    const result = source.pipe(throttleMap((name) => of(name), { windowMs: 4, clock: t.clock }));
    t.expectObservable(result).toBe(expected);
    t.expectSubscriptions(source.subscriptions).toBe('^---------------!');
  });

  marble('keeps the rate while values keep coming', (t) => {
    const source = t.cold('  abcdefghi|   ');
    const expected = '       a---e---i|   ';

    const result = source.pipe(throttleMap((name) => of(name), { windowMs: 4, clock: t.clock }));
    t.expectObservable(result).toBe(expected);
  });

  marble('drops what comes within a window without a trailing edge', (t) => {
    const source = t.cold('  -abcd--e--|');
    const expected = '       -a-----e--|';

    const options = { windowMs: 4, trailing: false, clock: t.clock };
    t.expectObservable(source.pipe(throttleMap((name) => of(name), options))).toBe(expected);
  });

  marble('waits for the end of the window without a leading edge', (t) => {
    const source = t.cold('  -ab-c------d---|');
    const expected = '       -----c---------(d|)';

    const options = { windowMs: 4, leading: false, clock: t.clock };
    t.expectObservable(source.pipe(throttleMap((name) => of(name), options))).toBe(expected);
  });

  marble('lets a call that takes longer finish, and uses the newest value then', (t) => {
    const source = t.cold('  abcd------|        ');
    const a = t.cold('       -----1--|          ');
    const d = t.cold('               -----2--|  ');
    const expected = '       -----1-------2--|  ';

    const calls = new Map(Object.entries({ a, d }));
    const result = source.pipe(throttleMap((name) => calls.get(name)!, { windowMs: 2, clock: t.clock }));
    t.expectObservable(result).toBe(expected);
    t.expectSubscriptions(a.subscriptions).toBe('^-------!');
    t.expectSubscriptions(d.subscriptions).toBe('--------^-------!');
  });

  marble('waits for the window when the call is over before it', (t) => {
    const source = t.cold('  ab-----|');
    const call = t.cold('    -1|     ');
    const expected = '       -1----1|';

    const result = source.pipe(throttleMap(() => call, { windowMs: 5, clock: t.clock }));
    t.expectObservable(result).toBe(expected);
    t.expectSubscriptions(call.subscriptions).toBe(['^-!', '-----^-!']);
  });

  marble('completes at once when nothing waits, and after the window when a value does', (t) => {
    const options = { windowMs: 5, clock: t.clock };
    const result = (source: string) => t.cold(source).pipe(throttleMap((name) => of(name), options));
    t.expectObservable(result('a-|')).toBe('a-|');
    t.expectObservable(result('ab|')).toBe('a----(b|)');
  });

  marble('passes an error of the source and of a call on at once', (t) => {
    const options = { windowMs: 5, clock: t.clock };
    const call = t.cold('    ---#', undefined, lost);
    const source = t.cold('  ab-----');
    t.expectObservable(source.pipe(throttleMap(() => call, options))).toBe('---#', undefined, lost);
    t.expectSubscriptions(source.subscriptions).toBe('^--!');
    const failing = t.cold(' ab#', undefined, lost);
    const running = t.cold(' -----');
    t.expectObservable(failing.pipe(throttleMap(() => running, options))).toBe('--#', undefined, lost);
    t.expectSubscriptions(running.subscriptions).toBe('^-!');
  });

  marble('is left at once, with its call and its wait', (t) => {
    const source = t.cold('  ab-----');
    const call = t.cold('    -------');
    t.expectObservable(source.pipe(throttleMap(() => call, { windowMs: 5, clock: t.clock })), '---!').toBe('----');
    t.expectSubscriptions(source.subscriptions).toBe('^--!');
    t.expectSubscriptions(call.subscriptions).toBe('^--!');
  });

  it('aborts the signal of a call that is left, and not that of one that has ended', () => {
    const signals: AbortSignal[] = [];
    const project = (_: number, { signal }: { signal: AbortSignal }) => (signals.push(signal), NEVER);
    of(1).pipe(throttleMap(project)).subscribe().unsubscribe();
    of(1)
      .pipe(throttleMap((_, { signal }) => (signals.push(signal), of(1))))
      .subscribe();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
  });

  it('leaves no rejection unhandled', async () => {
    const unhandled = vi.fn<() => void>();
    process.on('unhandledRejection', unhandled);
    onTestFinished(() => void process.off('unhandledRejection', unhandled));
    const aborted = (_: number, { signal }: { signal: AbortSignal }) =>
      new Promise<never>((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
    of(1).pipe(throttleMap(aborted)).subscribe().unsubscribe();
    await turn();
    expect(unhandled).not.toHaveBeenCalled();
  });
});

describe('re-entrance into throttleMap', () => {
  it('by a result waits for the window', () => {
    let ring = (): void => undefined;
    let nowMs = 0;
    const clock: Clock = { now: () => nowMs, after: (_, run) => ((ring = run), () => undefined) };
    const source = new Subject<number>();
    const results: number[] = [];
    source
      .pipe(
        throttleMap((n) => of(n), { windowMs: 5, clock }),
        take(3),
      )
      .subscribe((n) => {
        results.push(n);
        source.next(n + 1);
      });
    source.next(1);
    expect(results).toEqual([1]);
    for (let k = 0; k < 4; k++) {
      nowMs += 5;
      ring();
    }
    expect([results, source.observed]).toEqual([[1, 2, 3], false]);
  });

  it('by a project that leaves subscribes to nothing', () => {
    const source = new Subject<number>();
    const call = new Subject<number>();
    const leave = new Subject<void>();
    source
      .pipe(
        throttleMap(() => (leave.next(), call)),
        takeUntil(leave),
      )
      .subscribe();
    source.next(1);
    expect([call.observed, source.observed]).toEqual([false, false]);
  });

  it('costs neither a timer nor a look at the clock while a value waits', () => {
    const now = vi.fn<() => number>(() => 0);
    const after = vi.fn<Clock['after']>(() => () => undefined);
    const source = new Subject<number>();
    source.pipe(throttleMap(() => NEVER, { clock: { now, after } })).subscribe();
    for (let n = 1; n <= 1_000; n++) source.next(n);
    expect([now.mock.calls.length, after.mock.calls.length]).toEqual([2, 1]);
  });
});

describe('a timer of throttleMap', () => {
  it('that fires a whole millisecond early is set again for the rest', () => {
    const set: [ms: number, run: () => void][] = [];
    let nowMs = 0;
    const clock: Clock = { now: () => nowMs, after: (ms, run) => (set.push([ms, run]), () => undefined) };
    const results: number[] = [];
    const source = new Subject<number>();
    source.pipe(throttleMap((n) => of(n), { windowMs: 10, clock })).subscribe((n) => results.push(n));
    for (const n of [1, 2]) source.next(n);
    nowMs = 8;
    set[0]![1]();
    expect([results, set.map(([ms]) => ms)]).toEqual([[1], [10, 2]]);
    nowMs = 9.5;
    set[1]![1]();
    expect(results).toEqual([1, 2]);
  });
});

describe('the options of throttleMap', () => {
  it.each([
    [{ windowMs: 0 }, 'throttleMap.windowMs: must be a number, 1 or more, not 0'],
    [{ leading: false, trailing: false }, 'throttleMap.trailing: no value is ever used: leave leading or trailing on'],
    [{ window: 1 }, 'did you mean "windowMs"?'],
  ])('refuse %o', (options, message) => {
    expect(() => throttleMap(() => NEVER, options as object)).toThrow(ConfigError);
    expect(() => throttleMap(() => NEVER, options as object)).toThrow(message);
  });
});
