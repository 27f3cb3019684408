import {
  catchError,
  EMPTY,
  filter,
  map,
  NEVER,
  Observable,
  type OperatorFunction,
  share,
  startWith,
  switchMap,
  timer,
} from 'rxjs';
import { describe, expect, it } from 'vitest';

import type { Clock } from '../../lib/core/clock.js';
import { obeysTheOperatorLaws, type OperatorLaw } from '../../lib/testing/laws.js';
import { verdicts } from '../support/verdicts.js';

type Operator = OperatorFunction<number, unknown>;

const TITLES: Record<OperatorLaw, string> = {
  lazy: 'does nothing until it is subscribed',
  unshared: 'shares no state between subscriptions',
  released: 'releases the source and its timers when the subscriber leaves',
  stopped: 'stops a synchronous endless source at once',
  'same-error': 'passes a foreign error on as the same object',
  empty: 'completes when the source is empty',
  silent: 'stays silent while the source is silent',
};

const subscribesEarly: Operator = (source) => {
  const eager = share<number>()(source);
  eager.subscribe({ error: () => undefined });
  return eager;
};

const countsForAll = (): Operator => {
  let count = 0;
  return map((n) => n + count++);
};

/** The subscription of an observer object is there only after `subscribe` has returned. */
const observes: Operator = (source) =>
  new Observable((subscriber) =>
    source.subscribe({
      next: (n) => subscriber.next(n),
      error: (error: unknown) => subscriber.error(error),
      complete: () => subscriber.complete(),
    }),
  );

const leaks: Operator = (source) =>
  new Observable((subscriber) => {
    source.subscribe({
      next: (n) => subscriber.next(n),
      error: (error: unknown) => subscriber.error(error),
      complete: () => subscriber.complete(),
    });
  });

const leavesATimer =
  (clock: Clock): Operator =>
  (source) =>
    new Observable((subscriber) => {
      clock.after(1_000, () => undefined);
      return source.subscribe(subscriber);
    });

const ticksForEver =
  (clock: Clock): Operator =>
  (source) =>
    new Observable((subscriber) => {
      const tick = (): void => void clock.after(1, tick);
      tick();
      return source.subscribe(subscriber);
    });

const wraps: Operator = catchError((error: unknown) => {
  throw new Error('wrapped', { cause: error });
});

const marks: Operator = catchError((error: unknown) => {
  Object.assign(error as object, { seen: true });
  throw error;
});

describe('obeysTheOperatorLaws', () => {
  const find = async (make: (clock: Clock) => Operator): Promise<readonly string[]> =>
    (await verdicts((runner) => obeysTheOperatorLaws(make, runner))).failed;

  it('passes an honest operator on every law', async () => {
    const { passed, failed } = await verdicts((runner) =>
      obeysTheOperatorLaws(() => filter((n) => n % 2 === 1), runner),
    );
    expect(failed).toEqual([]);
    expect(passed).toEqual(Object.values(TITLES));
  });

  it.each<[fault: string, law: OperatorLaw, make: (clock: Clock) => Operator]>([
    ['subscribes early', 'lazy', () => subscribesEarly],
    ['sets a timer before it is subscribed', 'lazy', (clock) => (clock.after(5, () => undefined), (source) => source)],
    ['keeps state outside of the subscription', 'unshared', countsForAll],
    ['leaks its source', 'released', () => leaks],
    ['leaves a timer behind', 'released', leavesATimer],
    ['sets timers for ever', 'silent', ticksForEver],
    ['observes with an object', 'stopped', () => observes],
    ['wraps errors', 'same-error', () => wraps],
    ['writes on errors', 'same-error', () => marks],
    ['swallows errors', 'same-error', () => catchError(() => EMPTY)],
    ['never completes', 'empty', () => (source) => new Observable((s) => source.subscribe({ next: (n) => s.next(n) }))],
    ['talks first', 'silent', () => startWith(0)],
    ['completes by itself', 'silent', () => () => EMPTY],
  ])('catches an operator that %s', async (_, law, make) => {
    expect(await find(make)).toContain(TITLES[law]);
  });

  it('leaves out the laws that are named', async () => {
    const { passed, failed } = await verdicts((runner) =>
      obeysTheOperatorLaws(() => startWith(0), { ...runner, except: ['silent', 'empty'] }),
    );
    expect([passed.length, failed]).toEqual([5, []]);
  });

  it('hands out a clock on which operators that take one run', async () => {
    const later = (clock: Clock): Operator => switchMap((n) => new Observable((s) => clock.after(2, () => s.next(n))));
    expect(await find(later)).toEqual([]);
  });

  it('runs the timers of RxJS in the same virtual time', async () => {
    expect(await find(() => switchMap((n) => timer(2).pipe(map(() => n))))).toEqual([]);
  });

  it('holds over an operator that ignores its source', async () => {
    expect(await find(() => () => NEVER)).toEqual([TITLES['same-error'], TITLES.empty]);
  });
});
