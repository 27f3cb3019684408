import { map } from 'rxjs';

import { type Clock, systemClock } from '../clock.js';
import { ConfigError } from '../errors.js';
import { finiteFrom, wholeFrom } from '../numbers.js';
import { readOptions } from '../options.js';
import { Gradient, type GradientRules } from './gradient.js';
import type { LimitSource } from './limit-source.js';
import type { Outcome } from './outcome.js';
import { isWatched, tell } from './policy-events.js';
import { RttWindow } from './rtt-window.js';
import { readSnapshot } from './snapshots.js';
import { WatchedState } from './watched-state.js';

/** What of an adaptive limit may change while it is used. */
export interface AdaptiveLimitSettings {
  /** The limit falls no lower. A whole number from 1. @defaultValue 1 */
  readonly min?: number;
  /** The limit rises no higher. A whole number from `min`. @defaultValue 200 */
  readonly max?: number;
  /** How much slower than usual answers may be before the limit falls. A number from 1. @defaultValue 1.5 */
  readonly tolerance?: number;
  /** How far the limit moves with each window. A number above 0, 1 at most. @defaultValue 0.2 */
  readonly smoothing?: number;
  /** How long calls are watched before the limit moves, at least; twice their time, where that is more. Unit: milliseconds. @defaultValue 1 000 */
  readonly windowMs?: number;
}

/** Settings for {@link createAdaptiveLimit}. */
export interface AdaptiveLimitOptions extends AdaptiveLimitSettings {
  /** The limit to begin with. A whole number from `min` to `max`. @defaultValue 20, or the nearest there is */
  readonly initial?: number;
  /** What policy events call it. @defaultValue none */
  readonly name?: string;
  /** Where time comes from. @defaultValue the system's clock */
  readonly clock?: Clock;
}

/** What an {@link AdaptiveLimit} has learnt. */
export interface AdaptiveLimitState {
  readonly limit: number;
  /** How long calls took in the latest window, on average. Unit: milliseconds. */
  readonly shortMs: number | undefined;
  /** How long they take usually. Unit: milliseconds. */
  readonly longMs: number | undefined;
}

/** What an {@link AdaptiveLimit} must remember; fit for JSON. */
export interface AdaptiveLimitSnapshot {
  readonly version: 1;
  readonly estimate: number;
  readonly longMs: number | null;
  readonly windows: number;
}

/** A limit on concurrency that finds itself, for all that share it. */
export interface AdaptiveLimit extends LimitSource {
  sample(durationMs: number, running: number, outcome: Outcome): void;
  /** A snapshot: it does not change afterwards. */
  readonly state: AdaptiveLimitState;
  /** Changes settings in place. What was learnt is kept. */
  configure(changes: AdaptiveLimitSettings): void;
  /** What has to be remembered when the process ends. */
  snapshot(): AdaptiveLimitSnapshot;
  /** Goes on from there. */
  restore(snapshot: AdaptiveLimitSnapshot): void;
  /** @internal */
  readonly named: { readonly name?: string; readonly clock: Clock };
}

type Rules = GradientRules & { readonly windowMs: number };

const CHANGES = ['min', 'max', 'tolerance', 'smoothing', 'windowMs'];
const WHERE = 'createAdaptiveLimit';

/**
 * Makes a limit on concurrency that follows what the server can take: it rises while calls take as long as usual, and
 * falls when they take longer or fail.
 *
 * Cancelled calls and those that the server refused for the caller's fault say nothing about it.
 *
 * @throws ConfigError when an option is wrong
 * @see Netflix concurrency-limits, `Gradient2Limit` in a `WindowedLimit`
 */
export function createAdaptiveLimit(options: AdaptiveLimitOptions = {}): AdaptiveLimit {
  const given: AdaptiveLimitOptions = readOptions(options, [...CHANGES, 'initial', 'name', 'clock'], WHERE);
  const { name, clock = systemClock } = given;
  let rules = checked(given, WHERE, { min: 1, max: 200, tolerance: 1.5, smoothing: 0.2, windowMs: 1000 });
  const { min, max } = rules;
  const initial = wholeFrom(min, given.initial ?? Math.max(min, Math.min(max, 20)), `${WHERE}.initial`);
  if (initial > max) throw new ConfigError(`${WHERE}.initial`, `must not be above max, which is ${max}`);
  const gradient = new Gradient(initial);
  const rtt = new RttWindow();
  let limit = initial;
  const watched = new WatchedState(() => ({ limit, shortMs: rtt.latestMs, longMs: gradient.longMs }));

  const settle = (): void => {
    const from = limit;
    limit = Math.floor(gradient.estimate);
    if (limit === from) return;
    if (isWatched()) tell({ type: 'limit', policy: 'adaptConcurrency', name, atMs: clock.now(), from, to: limit });
    watched.changed();
  };

  return {
    get limit() {
      return limit;
    },
    changes: watched.changes.pipe(map((state) => state.limit)),
    sample: (durationMs, running, outcome) => {
      if (!rtt.add(durationMs, running, outcome)) return;
      const over = rtt.close(clock.now(), rules.windowMs);
      if (!over) return;
      if (over.failed) gradient.drop(rules);
      else gradient.update(over.meanMs, over.running, rules);
      settle();
    },
    get state() {
      return watched.current;
    },
    configure: (changes) => {
      rules = checked(readOptions(changes, CHANGES, 'configure'), 'configure', rules);
      gradient.bound(rules);
      settle();
    },
    snapshot: () => save(gradient),
    restore: (snapshot) => {
      load(gradient, snapshot);
      gradient.bound(rules);
      settle();
    },
    named: name === undefined ? { clock } : { name, clock },
  };
}

function checked(given: AdaptiveLimitSettings, where: string, before: Rules): Rules {
  const rules = { ...before, ...pick(given) };
  finiteFrom(1, wholeFrom(1, rules.min, `${where}.min`), `${where}.min`);
  finiteFrom(1, wholeFrom(rules.min, rules.max, `${where}.max`), `${where}.max`);
  finiteFrom(1, rules.tolerance, `${where}.tolerance`);
  finiteFrom(1, rules.windowMs, `${where}.windowMs`);
  if (!(rules.smoothing > 0 && rules.smoothing <= 1)) {
    throw new ConfigError(`${where}.smoothing`, `must be above 0 and 1 at most, not ${String(rules.smoothing)}`);
  }
  return rules;
}

/** Of the options, what may change. */
function pick({ min, max, tolerance, smoothing, windowMs }: AdaptiveLimitSettings): Partial<Rules> {
  return Object.fromEntries(
    Object.entries({ min, max, tolerance, smoothing, windowMs }).filter(([, value]) => value !== undefined),
  );
}

function save({ estimate, longMs, windows }: Gradient): AdaptiveLimitSnapshot {
  return { version: 1, estimate, longMs: longMs ?? null, windows };
}

function load(gradient: Gradient, input: AdaptiveLimitSnapshot): void {
  const { estimate, longMs, windows } = readSnapshot(input, ['estimate', 'longMs', 'windows'], 'restore');
  const read = {
    estimate: finiteFrom(1, estimate, 'restore.estimate'),
    longMs: longMs === null ? undefined : finiteFrom(0, longMs, 'restore.longMs'),
    windows: wholeFrom(0, windows, 'restore.windows'),
  };
  Object.assign(gradient, read);
}
