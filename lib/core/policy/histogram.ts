import type { Observable } from 'rxjs';

import { type Clock, systemClock } from '../clock.js';
import { between } from '../numbers.js';
import { readOptions } from '../options.js';
import { readWindowCounts, RollingWindow, type WindowCounts } from './rolling-window.js';
import { readSnapshot } from './snapshots.js';
import { WatchedState } from './watched-state.js';

/** What a {@link Histogram} knows. Unit of the quantiles: milliseconds; `undefined` while it is empty. */
export interface HistogramState {
  readonly count: number;
  readonly p50Ms: number | undefined;
  readonly p95Ms: number | undefined;
  readonly p99Ms: number | undefined;
}

/** What a {@link Histogram} keeps in another place: it survives JSON. */
export interface HistogramSnapshot {
  readonly version: 1;
  readonly window: WindowCounts;
}

/** What can be changed while a histogram is in use. */
export interface HistogramSettings {
  /** How far back it looks, in three parts that are dropped as a whole. Unit: milliseconds. @defaultValue 30 000 */
  readonly windowMs?: number;
}

/** Settings for {@link createHistogram}. */
export interface HistogramOptions extends HistogramSettings {
  /** Where time comes from. @defaultValue the system's clock */
  readonly clock?: Clock;
}

/** How long things took lately: make one for each kind of call, and hand it to all that measure or ask. */
export interface Histogram {
  /** Takes in one duration, in constant time. Unit: milliseconds; below 0 counts as 0, above 70 minutes as that. */
  record(durationMs: number): void;
  /**
   * The duration that a share of all stays within: at least the true one, at most 3.2 % or 0.07 ms above it.
   *
   * @param share - from 0 to 1, such as 0.95
   * @returns milliseconds; `undefined` while it is empty
   */
  quantile(share: number): number | undefined;
  /** How many durations it holds. */
  readonly count: number;
  /** A snapshot: it does not change afterwards. */
  readonly state: HistogramState;
  /** The state now, then after each change; never completes. Costs nothing while nobody listens. */
  readonly changes: Observable<HistogramState>;
  /** What it holds now, for {@link restore} in another process. */
  snapshot(): HistogramSnapshot;
  /** Goes on from a snapshot. @throws ConfigError when it is none */
  restore(snapshot: HistogramSnapshot): void;
  /** Changes settings in place and keeps what is not too old by them. @throws ConfigError */
  configure(settings: HistogramSettings): void;
}

const PARTS = 3;
const DAY_MS = 86_400_000;

// Durations in sixteenths of a millisecond; 32 buckets for each doubling above 2 ms, one for each unit below.
const UNITS_PER_MS = 16;
const MOST_UNITS = 2 ** 26 - 1;
const EXACT_BITS = 5;
const BUCKETS = /* @__PURE__ */ bucketOf(MOST_UNITS) + 1;

function bucketOf(units: number): number {
  const shift = Math.max(0, 31 - EXACT_BITS - Math.clz32(units));
  return (shift << EXACT_BITS) + (units >> shift);
}

/** Where a bucket ends. Unit: milliseconds. */
function endOf(bucket: number): number {
  const shift = Math.max(0, (bucket >> EXACT_BITS) - 1);
  return ((bucket - (shift << EXACT_BITS) + 1) * 2 ** shift) / UNITS_PER_MS;
}

/** 704 buckets, three times over and once as their sum: 11 kB, however much is recorded. */
class LogLinearHistogram implements Histogram {
  readonly changes: Observable<HistogramState>;
  readonly #clock: Clock;
  readonly #window: RollingWindow;
  readonly #watched = new WatchedState<HistogramState>(() => this.#read());

  constructor(options: HistogramOptions) {
    const { windowMs = 30_000, clock = systemClock }: HistogramOptions = readOptions(
      options,
      ['windowMs', 'clock'],
      'createHistogram',
    );
    this.#clock = clock;
    this.#window = new RollingWindow(checked(windowMs), PARTS, BUCKETS + 1);
    this.changes = this.#watched.changes;
  }

  get count(): number {
    this.#window.advance(this.#clock.now());
    return this.#window.totals[BUCKETS]!;
  }

  get state(): HistogramState {
    return this.#watched.current;
  }

  record(durationMs: number): void {
    const part = this.#window.advance(this.#clock.now());
    this.#window.add(bucketOf(Math.min(MOST_UNITS, Math.max(0, durationMs * UNITS_PER_MS)) | 0), 1, part);
    // The last field is the sum of the others.
    this.#window.add(BUCKETS, 1, part);
    this.#watched.changed();
  }

  quantile(share: number): number | undefined {
    between(0, 1, share, 'quantile');
    const { count } = this;
    if (count === 0) return undefined;
    // 0.07 * 100 is a little more than 7.
    const rank = Math.max(1, Math.ceil(share * count - 1e-9));
    const { totals } = this.#window;
    let bucket = 0;
    for (let seen = totals[0]!; seen < rank; seen += totals[bucket]!) bucket++;
    return endOf(bucket);
  }

  snapshot(): HistogramSnapshot {
    return { version: 1, window: this.#window.snapshot(this.#clock.now()) };
  }

  restore(snapshot: HistogramSnapshot): void {
    const read = readSnapshot(snapshot, ['window'], 'createHistogram.restore');
    const window = readWindowCounts(read['window'], BUCKETS + 1, 'createHistogram.restore.window');
    this.#window.restore(window.map(summed), this.#clock.now());
    this.#watched.changed();
  }

  configure(settings: HistogramSettings): void {
    const { windowMs }: HistogramSettings = readOptions(settings, ['windowMs'], 'createHistogram');
    if (windowMs === undefined) return;
    this.#window.resize(checked(windowMs), this.#clock.now());
    this.#watched.changed();
  }

  #read(): HistogramState {
    const [p50Ms, p95Ms, p99Ms] = [0.5, 0.95, 0.99].map((share) => this.quantile(share));
    return { count: this.count, p50Ms, p95Ms, p99Ms };
  }
}

/** Counts the sum anew: a snapshot in which it were wrong would send `quantile` beyond the last bucket. */
function summed({ atMs, counts }: WindowCounts[number]): WindowCounts[number] {
  const own = counts.filter(([bucket]) => bucket < BUCKETS);
  return { atMs, counts: [...own, [BUCKETS, own.reduce((sum, [, count]) => sum + count, 0)]] };
}

function checked(windowMs: number): number {
  return between(1, DAY_MS, windowMs, 'createHistogram.windowMs');
}

/**
 * Makes a histogram of durations, for `hedge` and for whoever wants to know what is slow: bounded in memory, and
 * forgetting what is older than its window.
 *
 * @throws ConfigError when an option is wrong
 * @see Gil Tene, "HdrHistogram": buckets that are linear within each doubling
 */
export function createHistogram(options: HistogramOptions = {}): Histogram {
  return new LogLinearHistogram(options);
}
