import { defer, type Observable, take } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { createBudget } from '../../lib/core/budget.js';
import { ConfigError, NetworkError } from '../../lib/core/errors.js';
import { PROGRESS } from '../../lib/core/progress.js';
import { obeysTheOperatorLaws } from '../../lib/testing/laws.js';
import { retryBackoff } from '../../operators/retry-backoff.js';
import { marble } from '../support/marble.js';

const lost = new NetworkError('connection reset', 'receive');
const foreign = new Error('foreign');
const backoff = (_error: unknown, retry: number) => retry * 2; // 2 ms, then 4 ms, then 6 ms

/** An Observable that is another one at each subscription. */
function inTurn<T>(...attempts: Observable<T>[]): Observable<T> {
  let subscriptions = 0;
  return defer(() => attempts[subscriptions++]!);
}

function asks(retryAfterMs: number): NetworkError {
  return new NetworkError('come back later', 'receive', { retryAfterMs });
}

describe('retryBackoff', () => {
  obeysTheOperatorLaws((clock) => retryBackoff({ clock }), { it, expect });

  marble('waits longer before each retry, then passes the last error on', (t) => {
    const source = t.cold('  -#        ', undefined, lost);
    const expected = '       ---------#';

    t.expectObservable(source.pipe(retryBackoff({ backoff, clock: t.clock }))).toBe(expected, undefined, lost);
    t.expectSubscriptions(source.subscriptions).toBe([
      '^!',
      '---^!', // 2 ms after the first failure
      '--------^!', // 4 ms after the second
    ]);
  });

  marble('emits what the attempt that wins emits', (t) => {
    const fails = t.cold('   --#       ', undefined, lost);
    const wins = t.cold('        -a-b-|');
    const expected = '       -----a-b-|';

    const source = inTurn(fails, wins);
    t.expectObservable(source.pipe(retryBackoff({ backoff, clock: t.clock }))).toBe(expected);
  });

  marble('passes an error on at once that is not retryable', (t) => {
    const source = t.cold('  --#', undefined, foreign);
    const expected = '       --#';

    t.expectObservable(source.pipe(retryBackoff({ clock: t.clock }))).toBe(expected, undefined, foreign);
    t.expectSubscriptions(source.subscriptions).toBe('^-!');
  });

  marble('retries what the program says', (t) => {
    const fails = t.cold('   --#  ', undefined, foreign);
    const wins = t.cold('        a|');
    const expected = '       ----a|';

    const when = (error: unknown) => error === foreign;
    t.expectObservable(inTurn(fails, wins).pipe(retryBackoff({ when, backoff, clock: t.clock }))).toBe(expected);
  });

  marble('makes no second attempt with attempts: 1', (t) => {
    const source = t.cold('  -#', undefined, lost);
    const expected = '       -#';

    t.expectObservable(source.pipe(retryBackoff({ attempts: 1, clock: t.clock }))).toBe(expected, undefined, lost);
    t.expectSubscriptions(source.subscriptions).toBe('^!');
  });

  marble('cuts the wait when the subscriber leaves, and starts nothing after it', (t) => {
    const source = t.cold('  -#', undefined, lost);
    const leave = '          --!';
    const expected = '       ---';

    t.expectObservable(source.pipe(retryBackoff({ backoff: () => 5, clock: t.clock })), leave).toBe(expected);
    t.expectSubscriptions(source.subscriptions).toBe('^!');
  });

  marble('passes on what when or backoff throw', (t) => {
    const source = t.cold('  -#', undefined, lost);
    const expected = '       -#';

    const fail = () => {
      throw foreign;
    };
    t.expectObservable(source.pipe(retryBackoff({ when: fail, clock: t.clock }))).toBe(expected, undefined, foreign);
    t.expectObservable(source.pipe(retryBackoff({ backoff: fail, clock: t.clock }))).toBe(expected, undefined, foreign);
  });

  marble('retries for ever with attempts: Infinity, and does not pile up on the stack', (t) => {
    const fails = t.cold('   #  ', undefined, lost);
    let retries = 0;
    const none = () => (++retries < 20_000 ? 0 : NaN);

    const result = fails.pipe(retryBackoff({ attempts: Infinity, backoff: none, clock: t.clock }));
    t.expectObservable(result, '10ms !').toBe('');
    t.flush();
    expect(retries).toBe(20_000);
  });

  it('replays the same waits from the same seed', () => {
    const drawn: number[] = [];
    const waits: number[] = [];
    const random = () => drawn[drawn.push((drawn.length * 0.37 + 0.11) % 1) - 1]!;
    const clock = { now: () => 0, after: (ms: number, run: () => void) => (waits.push(ms), run(), () => undefined) };
    defer((): never => {
      throw lost;
    })
      .pipe(retryBackoff({ attempts: 4, random, clock }))
      .subscribe({ error: () => undefined });
    expect(waits).toEqual([0.11 * 100, 0.48 * 200, 0.85 * 400]);
  });
});

describe('the commit rule of retryBackoff', () => {
  marble('lets no retry follow the first value', (t) => {
    const source = t.cold('  -a-#', undefined, lost);
    const expected = '       -a-#';

    t.expectObservable(source.pipe(retryBackoff({ clock: t.clock }))).toBe(expected, undefined, lost);
    t.expectSubscriptions(source.subscriptions).toBe('^--!');
  });

  marble('lets progress events through without committing', (t) => {
    const values = { p: { [PROGRESS]: true }, a: 'answer' };
    const fails = t.cold('   -p-#      ', values, lost);
    const wins = t.cold('         -p-a|', values);
    const expected = '       -p----p-a|';

    const source = inTurn(fails, wins);
    t.expectObservable(source.pipe(retryBackoff({ backoff, clock: t.clock }))).toBe(expected, values);
  });
});

describe('Retry-After in retryBackoff', () => {
  marble('is the least wait, plus a part of 10 %', (t) => {
    const fails = t.cold('   #', undefined, asks(20));
    const wins = t.cold('                        (a|)');
    const expected = '       ---------------------(a|)';

    const options = { backoff, clock: t.clock, random: () => 0.5 };
    t.expectObservable(inTurn(fails, wins).pipe(retryBackoff(options))).toBe(expected);
  });

  marble('beyond the longest allowed passes the error on at once, with the moment to come back', (t) => {
    const error = asks(61_000);
    const source = t.cold('  -#', undefined, error);
    const expected = '       -#';

    t.expectObservable(source.pipe(retryBackoff({ clock: t.clock }))).toBe(expected, undefined, error);
    t.flush();
    expect(error.retryAt!.getTime() - t.clock.now()).toBe(61_000);
  });
});

describe('the budget of retryBackoff', () => {
  marble('pays for each retry, and gives back what the one that wins has cost', (t) => {
    const fails = t.cold('   -#    ', undefined, lost);
    const wins = t.cold('           a|');
    const expected = '       --------a|';

    const budget = createBudget({ capacity: 5 });
    const source = inTurn(fails, fails, wins);
    t.expectObservable(source.pipe(retryBackoff({ backoff, budget, clock: t.clock }))).toBe(expected);
    t.flush();
    expect(budget.state).toEqual({ level: 4, capacity: 5, taken: 2, refused: 0 });
  });

  marble('earns when the first attempt wins, also when it is empty', (t) => {
    const budget = createBudget({ capacity: 5 });
    for (let n = 0; n < 5; n++) budget.take();
    const operator = retryBackoff<string>({ budget, clock: t.clock });
    t.expectObservable(t.cold('-a-b|').pipe(operator)).toBe('-a-b|');
    t.expectObservable(t.cold('-|').pipe(operator)).toBe('-|');
    t.flush();
    expect(budget.state.level).toBe(0.2);
  });

  marble('gets back what was paid for a retry that is left before it is made', (t) => {
    const source = t.cold(' -#', {}, lost);
    const leave = '        --!';
    const budget = createBudget({ capacity: 5 });

    t.expectObservable(source.pipe(retryBackoff({ backoff, budget, clock: t.clock })), leave).toBe('---');
    t.flush();
    expect(budget.state).toMatchObject({ level: 5, taken: 1 });
  });

  marble('passes the error on at once when it is spent', (t) => {
    const source = t.cold('  -#', undefined, lost);
    const expected = '       -#';

    const budget = createBudget({ capacity: 0 });
    t.expectObservable(source.pipe(retryBackoff({ budget, clock: t.clock }))).toBe(expected, undefined, lost);
    t.expectSubscriptions(source.subscriptions).toBe('^!');
  });

  marble('may have a listener that leaves', (t) => {
    const budget = createBudget();
    const sources = { fails: t.cold('-#', undefined, lost), completes: t.cold('-|'), sends: t.cold('-a') };
    for (const source of Object.values(sources)) {
      budget.take();
      const result = source.pipe(retryBackoff({ budget, clock: t.clock }));
      const subscription = result.subscribe({
        next: () => expect.unreachable('it has left'),
        complete: () => expect.unreachable('it has left'),
        error: () => expect.unreachable('it has left'),
      });
      t.clock.after(0, () => budget.changes.pipe(take(2)).subscribe({ complete: () => subscription.unsubscribe() }));
    }
    t.flush();
    expect(sources.fails.subscriptions.length).toBe(1);
  });
});

describe('the options of retryBackoff', () => {
  it('are refused when they are wrong, naming the field', () => {
    expect(() => retryBackoff({ attempts: 0 })).toThrow(ConfigError);
    expect(() => retryBackoff({ attempts: 0 })).toThrow(
      'retryBackoff.attempts: must be a positive whole number or Infinity, not 0',
    );
    expect(() => retryBackoff({ maxRetryAfterMs: -1 })).toThrow(
      'retryBackoff.maxRetryAfterMs: must be a number, 0 or more, not -1',
    );
    expect(() => retryBackoff({ retries: 2 } as object)).toThrow('retryBackoff.retries: unknown option');
  });
});
