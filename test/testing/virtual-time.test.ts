import { asyncScheduler, debounceTime, map, Observable, timer } from 'rxjs';
import { describe, expect, it } from 'vitest';

import type { Clock } from '../../lib/core/clock.js';
import { virtualTime } from '../../lib/testing/virtual-time.js';
import { marble } from '../support/marble.js';

/** Emits once, so many milliseconds after it is subscribed to, on the clock it is given. */
const once = (clock: Clock, ms: number) =>
  new Observable<string>((subscriber) =>
    clock.after(ms, () => {
      subscriber.next('a');
      subscriber.complete();
    }),
  );

describe('virtualTime', () => {
  it('fails as the assertion does when a diagram differs', () => {
    expect(() => virtualTime(expect, (t) => t.expectObservable(t.cold('-a|')).toBe('--a|'))).toThrow(/deeply equal/);
  });

  it('asks any assertion to compare', () => {
    const compared: [actual: unknown, expected: unknown][] = [];
    const recorder = (actual: unknown) => ({ toEqual: (expected: unknown) => void compared.push([actual, expected]) });
    virtualTime(recorder, (t) => t.expectObservable(t.cold('|')).toBe('|'));
    expect(compared).toHaveLength(1);
    expect(compared[0]![0]).toEqual(compared[0]![1]);
  });

  marble('runs the clock on the frames of the diagrams', (t) => {
    const expected = '     ---(a|)';

    t.expectObservable(once(t.clock, 3)).toBe(expected);
  });

  marble('runs the timers of RxJS on the same frames', (t) => {
    const source = t.cold('-a-b----|');
    const expected = '     -----b--|';

    t.expectObservable(source.pipe(debounceTime(2))).toBe(expected);
    t.expectSubscriptions(source.subscriptions).toBe('^-------!');
  });

  marble('starts the clock in the year 2000, and has it pass with the frames', (t) => {
    const at = (ms: number) => new Date(Date.UTC(2000, 0, 1) + ms);
    const now = () => new Date(t.clock.now());

    t.expectObservable(timer(0, 5).pipe(map(now)), '^------!').toBe('a----b', { a: at(0), b: at(5) });
    expect(now()).toEqual(at(0));
  });

  marble('stops what is cancelled', (t) => {
    const expected = '     -----';

    t.expectObservable(once(t.clock, 3), '--!').toBe(expected);
  });

  marble('runs what is due at the same time in the order in which it was set', (t) => {
    const order: string[] = [];
    t.clock.after(2, () => order.push('b'));
    t.clock.after(1, () => t.clock.after(1, () => order.push('c')));
    t.clock.after(1, () => order.push('a'));
    t.clock.after(-5, () => order.push('now'));
    t.flush();
    expect(order).toEqual(['now', 'a', 'b', 'c']);
  });

  it('gives RxJS its real time back', () => {
    const seen: number[] = [];
    virtualTime(expect, () => void seen.push(asyncScheduler.now()));
    expect(seen).toEqual([0]);
    expect(asyncScheduler.now()).toBeGreaterThan(Date.UTC(2020));
  });
});
