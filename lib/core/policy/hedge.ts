import type { Observable } from 'rxjs';

import { type Budget, type BudgetSnapshot, createBudget } from '../budget.js';
import { type Clock, systemClock } from '../clock.js';
import { ConfigError } from '../errors.js';
import { atLeast, between, positiveWhole } from '../numbers.js';
import { readOptions } from '../options.js';
import type { Hedge, HedgeOptions, HedgeSettings, HedgeSnapshot, HedgeState } from './hedge-types.js';
import { createHistogram, type Histogram, type HistogramSnapshot } from './histogram.js';
import { isWatched, tell } from './policy-events.js';
import { readSnapshot } from './snapshots.js';
import { WatchedState } from './watched-state.js';

const DEFAULTS: Required<HedgeSettings> = {
  delayMs: 'live',
  quantile: 0.95,
  minSamples: 20,
  minDelayMs: 10,
  maxHedges: 1,
  share: 0.05,
};
const POLICY = 'hedge';

/** What is computed from the histogram is computed anew when this part of it has changed: it costs 1 us each time. */
const FRESH = 1 / 32;

/** Hedges that can be saved up, at least, and as a part of what the histogram allows: of 10 s by default, as in Finagle. */
const LEAST_SAVED = 10;
const SAVED_PART = 1 / 3;

/** What runs need of a {@link Hedge}. */
export class HedgePolicy implements Hedge {
  readonly changes: Observable<HedgeState>;
  readonly clock: Clock;
  readonly #name: string | undefined;
  readonly #shared: Budget | undefined;
  readonly #own: Budget;
  readonly #histogram: Histogram;
  readonly #watched = new WatchedState<HedgeState>(() => this.#read());
  #settings: Required<HedgeSettings>;
  #calls = 0;
  #hedges = 0;
  #wins = 0;
  #refused = 0;
  /** The live delay, and what it was computed from. */
  #liveMs = 0;
  #samples = -1;
  #recorded = 0;

  constructor(options: HedgeOptions) {
    const keys = [...Object.keys(DEFAULTS), 'name', 'budget', 'histogram', 'clock'];
    const given: HedgeOptions = readOptions(options, keys, 'createHedge');
    const { name, budget, histogram, clock = systemClock, ...settings } = given;
    this.#settings = checked({ ...DEFAULTS, ...settings });
    this.#name = name;
    this.#shared = budget;
    this.clock = clock;
    this.#own = createBudget({ earn: this.#settings.share });
    this.#histogram = histogram ?? createHistogram({ clock });
    this.changes = this.#watched.changes;
  }

  get state(): HedgeState {
    return this.#watched.current;
  }

  get maxHedges(): number {
    return this.#settings.maxHedges;
  }

  /** When the next hedge of a call starts; `undefined` for never. Unit: milliseconds. */
  get delayMs(): number | undefined {
    const { delayMs, minSamples } = this.#settings;
    const { count } = this.#histogram;
    const changed = Math.max(this.#recorded, Math.abs(count - this.#samples));
    if (this.#samples < 0 || changed > this.#samples * FRESH) this.#refresh(count);
    if (delayMs !== 'live') return delayMs;
    return count < minSamples ? undefined : this.#liveMs;
  }

  /** A call begins. */
  begin(): void {
    this.#calls++;
    this.#own.earn();
    this.#watched.changed();
  }

  /** A call, or what stood in its place, has taken so long. */
  record(durationMs: number): void {
    this.#histogram.record(durationMs);
    this.#recorded++;
    this.#watched.changed();
  }

  /** Pays for a hedge, from both budgets or from none. */
  take(): boolean {
    let paid = this.#own.take();
    if (paid && this.#shared && !this.#shared.take()) {
      this.#own.refund();
      paid = false;
    }
    if (!paid) this.#refused++;
    if (!paid && isWatched()) {
      tell({ type: 'rejected', policy: POLICY, name: this.#name, atMs: this.clock.now(), why: 'budget' });
    }
    this.#watched.changed();
    return paid;
  }

  /** What was paid for is not sent. */
  giveBack(): void {
    this.#own.refund();
    this.#shared?.refund();
  }

  /** A hedge is sent. `attempt` counts those of its call, from 1. */
  sent(attempt: number, afterMs: number): void {
    this.#hedges++;
    this.#watched.changed();
    if (isWatched()) {
      tell({ type: 'hedge', policy: POLICY, name: this.#name, atMs: this.clock.now(), attempt, afterMs });
    }
  }

  /** A hedge won. Its own budget keeps the price: it bounds the load, and the load was there. */
  won(): void {
    this.#wins++;
    this.#shared?.refund();
    this.#watched.changed();
  }

  snapshot(): HedgeSnapshot {
    return { version: 1, budget: this.#own.snapshot(), histogram: this.#histogram.snapshot() };
  }

  restore(snapshot: HedgeSnapshot): void {
    const { budget, histogram } = readSnapshot(snapshot, ['budget', 'histogram'], 'createHedge.restore');
    this.#histogram.restore(histogram as HistogramSnapshot);
    this.#own.restore(budget as BudgetSnapshot);
    this.#samples = -1;
    this.#watched.changed();
  }

  configure(settings: HedgeSettings): void {
    const given: HedgeSettings = readOptions(settings, Object.keys(DEFAULTS), 'createHedge');
    this.#settings = checked({ ...this.#settings, ...given });
    this.#own.configure({ earn: this.#settings.share });
    this.#samples = -1;
    this.#watched.changed();
  }

  #refresh(count: number): void {
    const { quantile, minDelayMs, share } = this.#settings;
    this.#samples = count;
    this.#recorded = 0;
    this.#liveMs = Math.max(minDelayMs, this.#histogram.quantile(quantile) ?? 0);
    this.#own.configure({ capacity: Math.max(LEAST_SAVED, share * count * SAVED_PART) });
  }

  #read(): HedgeState {
    const { delayMs } = this;
    const level = this.#own.state.level;
    return { delayMs, calls: this.#calls, hedges: this.#hedges, wins: this.#wins, refused: this.#refused, level };
  }
}

function checked(settings: Required<HedgeSettings>): Required<HedgeSettings> {
  const { delayMs, quantile, minSamples, minDelayMs, maxHedges, share } = settings;
  if (delayMs !== 'live') atLeast(0, delayMs, 'createHedge.delayMs');
  between(0, 1, quantile, 'createHedge.quantile');
  positiveWhole(minSamples, 'createHedge.minSamples');
  atLeast(0, minDelayMs, 'createHedge.minDelayMs');
  positiveWhole(maxHedges, 'createHedge.maxHedges');
  between(0, 1, share, 'createHedge.share');
  return settings;
}

/** @throws ConfigError for what `createHedge` has not made */
export function hedgePolicyOf(made: unknown): HedgePolicy {
  // By what it can do: there may be two copies of the package.
  if (typeof made === 'object' && made !== null && 'giveBack' in made) return made as HedgePolicy;
  throw new ConfigError('hedge.shared', 'must be what createHedge() returns');
}

/**
 * Makes what hedged calls of one kind share: how long they took lately, and the budget of their hedges.
 *
 * @throws ConfigError when an option is wrong
 * @see Jeffrey Dean and Luiz André Barroso, "The Tail at Scale" (2013); Finagle's BackupRequestFilter
 */
export function createHedge(options: HedgeOptions = {}): Hedge {
  return new HedgePolicy(options);
}
