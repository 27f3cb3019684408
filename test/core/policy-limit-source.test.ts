import { BehaviorSubject, concat, NEVER, Observable, of, Subject, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { ConfigError } from '../../lib/core/errors.js';
import { type Concurrency, LiveLimit, type LimitSource } from '../../lib/core/policy/limit-source.js';

/** Follows a limit, and notes what it is told; leaves when it fails, as operators do. */
function followed(given: Concurrency) {
  const limit = new LiveLimit(given, 'merge.concurrency');
  const seen: unknown[] = [];
  limit.follow({
    limitChanged: () => void seen.push(limit.now),
    limitFailed: (error) => {
      seen.push(error);
      limit.close();
    },
  });
  return { limit, seen };
}

function adapting(limit: number): LimitSource & { set(to: number): void; readonly observed: boolean } {
  const changes = new Subject<number>();
  const set = (to: number) => {
    source.limit = to;
    changes.next(to);
  };
  const source = { limit, changes, set, observed: false };
  return Object.defineProperty(source, 'observed', { get: () => changes.observed });
}

describe('LiveLimit', () => {
  it.each([1, 16, Infinity])('takes the number %d as it is', (number) => {
    const { limit, seen } = followed(number);
    expect([limit.now, seen]).toEqual([number, []]);
    limit.close();
  });

  it.each([
    [0, 'must be a whole number from 1, or Infinity, not 0'],
    [1.5, 'must be a whole number from 1, or Infinity, not 1.5'],
    [NaN, 'not NaN'],
    ['4', 'must be a number, an Observable of numbers, or a limit that adapts'],
    [null, 'must be a number, an Observable of numbers, or a limit that adapts'],
    [{ limit: -1, changes: NEVER }, 'must be a whole number from 0, or Infinity, not -1'],
  ])('refuses %j', (given, message) => {
    expect(() => new LiveLimit(given as Concurrency, 'merge.concurrency')).toThrow(`merge.concurrency: `);
    expect(() => new LiveLimit(given as Concurrency, 'merge.concurrency')).toThrow(message);
  });

  it('is 0 until an Observable has said something, and follows it until it is closed', () => {
    const numbers = new Subject<number>();
    const { limit, seen } = followed(numbers);
    expect(limit.now).toBe(0);
    numbers.next(3);
    numbers.next(0);
    expect([limit.now, seen]).toEqual([0, [3, 0]]);
    limit.close();
    numbers.next(5);
    expect([limit.now, numbers.observed]).toEqual([0, false]);
  });

  it('knows at once what an Observable says at once, and keeps it when that completes', () => {
    const { limit, seen } = followed(of(4));
    expect([limit.now, seen]).toEqual([4, [4]]);
  });

  it('reads a limit that adapts, also where it changed before it was followed', () => {
    const source = adapting(20);
    const limit = new LiveLimit(source, 'concurrency');
    source.set(7);
    const seen: number[] = [];
    limit.follow({ limitChanged: () => void seen.push(limit.now), limitFailed: () => undefined });
    source.set(9);
    expect([limit.source === source, seen]).toEqual([true, [9]]);
    limit.close();
    expect(source.observed).toBe(false);
  });

  it.each([-1, 0.5, NaN, 'x'])('fails on an Observable that says %s, and leaves it', (wrong) => {
    const numbers = new Subject<unknown>();
    const { limit, seen } = followed(numbers as Subject<number>);
    numbers.next(2);
    numbers.next(wrong);
    expect([seen[0], seen[1] instanceof ConfigError, seen.length]).toEqual([2, true, 2]);
    expect([limit.now, numbers.observed]).toEqual([2, false]);
  });

  it('leaves an Observable that says something wrong before subscribe returns', () => {
    const wrong = new BehaviorSubject(-1);
    const { seen } = followed(wrong);
    expect([seen.length, wrong.observed]).toEqual([1, false]);
    wrong.next(5);
    expect(seen.length).toBe(1);
  });

  it('stops an endless Observable when it is closed from within', () => {
    let sent = 0;
    const endless = new Observable<number>((subscriber) => {
      while (!subscriber.closed && sent < 1_000) subscriber.next(++sent);
    });
    const limit = new LiveLimit(endless, 'concurrency');
    limit.follow({ limitChanged: () => limit.now === 3 && limit.close(), limitFailed: () => undefined });
    expect(sent).toBe(3);
  });

  it('passes the error of an Observable on, the same object', () => {
    const error = new Error('no limits today');
    expect(
      followed(
        concat(
          of(1),
          throwError(() => error),
        ),
      ).seen,
    ).toEqual([1, error]);
  });
});
