import type { Observable } from 'rxjs';

import type { Budget, BudgetSnapshot } from '../budget.js';
import type { Clock } from '../clock.js';
import type { Histogram, HistogramSnapshot } from './histogram.js';

/** What a {@link Hedge} knows. */
export interface HedgeState {
  /** How long a call may take before a hedge starts; `undefined` while too little is known. Unit: milliseconds. */
  readonly delayMs: number | undefined;
  /** Calls so far. */
  readonly calls: number;
  /** Hedges sent so far. */
  readonly hedges: number;
  /** Hedges that won. */
  readonly wins: number;
  /** Hedges that a budget did not pay for: those calls went on without. */
  readonly refused: number;
  /** Hedges that its own budget could pay for now. */
  readonly level: number;
}

/** What a {@link Hedge} keeps in another place: it survives JSON. */
export interface HedgeSnapshot {
  readonly version: 1;
  readonly budget: BudgetSnapshot;
  readonly histogram: HistogramSnapshot;
}

/** What can be changed while a hedge is in use. */
export interface HedgeSettings {
  /** When a hedge starts: a fixed time in milliseconds, or `'live'`: the quantile of lately. @defaultValue 'live' */
  readonly delayMs?: number | 'live';
  /** Calls that take longer than this share of all do are hedged, from 0 to 1. @defaultValue 0.95 */
  readonly quantile?: number;
  /** With fewer calls than this in the histogram, none is hedged. @defaultValue 20 */
  readonly minSamples?: number;
  /** A live delay is no shorter than this. Unit: milliseconds. @defaultValue 10 */
  readonly minDelayMs?: number;
  /** Hedges of one call, one after the other. @defaultValue 1 */
  readonly maxHedges?: number;
  /**
   * Hedges as a share of calls, from 0 to 1. It starts with ten. As many can be saved up, or this share of the calls in
   * a third of the histogram's window. @defaultValue 0.05
   */
  readonly share?: number;
}

/** Settings for {@link createHedge}. */
export interface HedgeOptions extends HedgeSettings {
  /** Tells it apart in `policyEvents`. */
  readonly name?: string;
  /** Pays for hedges too, with what retries have left; whoever retries fills it. @defaultValue none: `share` alone bounds */
  readonly budget?: Budget;
  /** Where durations are kept. @defaultValue one of its own */
  readonly histogram?: Histogram;
  /** Where time comes from. @defaultValue the system's clock */
  readonly clock?: Clock;
}

/** What hedged calls of one kind share: make one for each, and hand it to `hedge`. */
export interface Hedge {
  /** A snapshot: it does not change afterwards. */
  readonly state: HedgeState;
  /** The state now, then after each change; never completes. Costs nothing while nobody listens. */
  readonly changes: Observable<HedgeState>;
  /** What it knows now, for {@link restore} in another process. */
  snapshot(): HedgeSnapshot;
  /** Goes on from a snapshot. @throws ConfigError when it is none */
  restore(snapshot: HedgeSnapshot): void;
  /** Changes settings in place and keeps what it knows. @throws ConfigError */
  configure(settings: HedgeSettings): void;
}
