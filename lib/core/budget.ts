import type { Observable } from 'rxjs';

import { atLeast } from './numbers.js';
import { readOptions } from './options.js';
import { WatchedState } from './policy/watched-state.js';

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

/** Levels are counted in whole millionths: adding 0.1 ten times does not make 1 in floating point. */
const ONE = 1_000_000;

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
  const full = Math.round(atLeast(0, capacity, 'retryBudget.capacity') * ONE);
  const earned = Math.round(atLeast(0, earn, 'retryBudget.earn') * ONE);
  let level = full;
  let taken = 0;
  let refused = 0;

  const watched = new WatchedState<BudgetState>(() => ({ level: level / ONE, capacity, taken, refused }));
  const add = (units: number): void => {
    if (level === full) return;
    level = Math.min(full, level + units);
    watched.changed();
  };

  return {
    take: () => {
      const granted = level >= ONE;
      if (granted) {
        level -= ONE;
        taken++;
      } else refused++;
      watched.changed();
      return granted;
    },
    refund: () => add(ONE),
    earn: () => add(earned),
    get state() {
      return watched.current;
    },
    changes: watched.changes,
  };
}
