import { Observable, Subject } from 'rxjs';

import { atLeast } from './numbers.js';
import { readOptions } from './options.js';
import { Purse } from './purse.js';

/** What a {@link Budget} holds and has seen. */
export interface BudgetState {
  /** Extra attempts that could be taken now; fractions are on their way to the next one. */
  readonly level: number;
  readonly capacity: number;
  /** Extra attempts granted so far. */
  readonly taken: number;
  /** Extra attempts refused so far. */
  readonly refused: number;
}

/**
 * How many extra attempts (retries, hedges, reconnects) may be sent beyond first ones.
 *
 * Share one between everything that calls the same server: a failing server then sees little more load than a
 * healthy one, instead of `attempts` times as much.
 */
export interface Budget {
  /** Takes one extra attempt; `false` when there is none left, and then nothing may be sent. */
  take(): boolean;
  /** Gives one back: the extra attempt won. */
  refund(): void;
  /** A first attempt succeeded. */
  earn(): void;
  /** A snapshot: it does not change afterwards. */
  readonly state: BudgetState;
  /** The state now, then after each change; never completes. Costs nothing while nobody listens. */
  readonly changes: Observable<BudgetState>;
}

/** Settings for {@link retryBudget}. */
export interface BudgetOptions {
  /** Extra attempts that can be saved up; the budget starts full. 0 allows none. @defaultValue 10 */
  readonly capacity?: number;
  /** What each success at first try adds. @defaultValue 0.1 */
  readonly earn?: number;
}

/**
 * Makes a budget: full at the start, each extra attempt costs 1 and is refunded when it wins.
 *
 * It earns by success alone, not by time: a reserve per second and client would keep a failing server down once
 * there are many clients.
 *
 * @throws ConfigError when an option is not a number, 0 or more
 * @see gRPC proposal A6, "Retry throttling"; the AWS SDKs' retry quota for the refund
 */
export function retryBudget(options: BudgetOptions = {}): Budget {
  const { capacity = 10, earn = 0.1 }: BudgetOptions = readOptions(options, ['capacity', 'earn'], 'retryBudget');
  atLeast(0, capacity, 'retryBudget.capacity');
  const purse = new Purse(capacity, atLeast(0, earn, 'retryBudget.earn'));
  const listeners = new Subject<BudgetState>();
  let taken = 0;
  let refused = 0;
  let telling = false;
  let stale = false;

  const state = (): BudgetState => ({ level: purse.level, capacity, taken, refused });
  const tell = (): void => {
    if (!listeners.observed) return;
    stale = true;
    // A listener that changes the budget must not let others see the new state before the old one.
    if (telling) return;
    telling = true;
    while (stale) {
      stale = false;
      listeners.next(state());
    }
    telling = false;
  };

  return {
    take: () => {
      const granted = purse.take();
      if (granted) taken++;
      else refused++;
      tell();
      return granted;
    },
    refund: () => {
      if (purse.refund()) tell();
    },
    earn: () => {
      if (purse.earn()) tell();
    },
    get state() {
      return state();
    },
    changes: new Observable<BudgetState>((subscriber) => {
      // Listens before it tells, so that a change made by the listener itself is not missed.
      listeners.subscribe(subscriber);
      subscriber.next(state());
    }),
  };
}
