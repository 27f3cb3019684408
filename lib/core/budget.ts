import type { Observable } from 'rxjs';

import { atLeast } from './numbers.js';
import { readOptions } from './options.js';
import { readSnapshot } from './policy/snapshots.js';
import { WatchedState } from './policy/watched-state.js';
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

/** What a {@link Budget} holds, to be kept elsewhere: it survives JSON. */
export interface BudgetSnapshot {
  readonly version: 1;
  readonly level: number;
  readonly taken: number;
  readonly refused: number;
}

/** Settings for {@link createBudget}. */
export interface BudgetOptions {
  /** Extra attempts that can be saved up; the budget starts full. 0 allows none. @defaultValue 10 */
  readonly capacity?: number;
  /** What each success at first try adds. @defaultValue 0.1 */
  readonly earn?: number;
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
  /** What it holds now, for {@link restore} in another process. */
  snapshot(): BudgetSnapshot;
  /** Goes on from a snapshot; of the level, what its capacity can hold. @throws ConfigError when it is none */
  restore(snapshot: BudgetSnapshot): void;
  /** Changes settings in place and keeps the level, as far as the capacity can hold it. @throws ConfigError */
  configure(options: BudgetOptions): void;
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
export function createBudget(options: BudgetOptions = {}): Budget {
  let settings = readSettings(options, { capacity: 10, earn: 0.1 });
  const purse = new Purse(settings.capacity, settings.earn);
  let taken = 0;
  let refused = 0;
  const watched = new WatchedState<BudgetState>(() => {
    return { level: purse.level, capacity: settings.capacity, taken, refused };
  });

  return {
    take: () => {
      const granted = purse.take();
      if (granted) taken++;
      else refused++;
      watched.changed();
      return granted;
    },
    refund: () => {
      if (purse.refund()) watched.changed();
    },
    earn: () => {
      if (purse.earn()) watched.changed();
    },
    get state() {
      return watched.current;
    },
    changes: watched.changes,
    // JSON has no Infinity.
    snapshot: () => ({ version: 1, level: Math.min(purse.level, Number.MAX_SAFE_INTEGER), taken, refused }),
    restore: (snapshot) => {
      const read = readSnapshot(snapshot, ['level', 'taken', 'refused'], 'createBudget.restore');
      const [level, ...counts] = ['level', 'taken', 'refused'].map((key) =>
        atLeast(0, read[key], `createBudget.restore.${key}`),
      ) as [number, number, number];
      [taken, refused] = counts;
      purse.set(settings.capacity, settings.earn, level);
      watched.changed();
    },
    configure: (changed) => {
      settings = readSettings(changed, settings);
      purse.set(settings.capacity, settings.earn, purse.level);
      watched.changed();
    },
  };
}

function readSettings(options: unknown, before: Required<BudgetOptions>): Required<BudgetOptions> {
  const given: BudgetOptions = readOptions(options, ['capacity', 'earn'], 'createBudget');
  return {
    capacity: atLeast(0, given.capacity ?? before.capacity, 'createBudget.capacity'),
    earn: atLeast(0, given.earn ?? before.earn, 'createBudget.earn'),
  };
}
