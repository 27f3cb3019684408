import { type Clock, systemClock } from '../clock.js';
import { ConfigError } from '../errors.js';
import { atLeast, finiteFrom, wholeFrom } from '../numbers.js';
import { readOptions } from '../options.js';
import { type Random, systemRandom } from '../random.js';
import { type RateHint, rateHintOf } from './rate-hint.js';
import type { Rate } from './rate-pace.js';

/** What of a rate limiter may change while it is used. */
export interface RateLimiterSettings {
  /** How many may start in a window. A whole number from 1. */
  readonly limit?: number;
  /** How long a window is. Unit: milliseconds. @defaultValue 1 000 */
  readonly windowMs?: number;
  /**
   * How many may start at once after a quiet time, with `'gcra'`. A whole number from 1.
   *
   * @defaultValue as many as come due in a millisecond, which is as fine as timers are: 1 up to 1 000 a second
   */
  readonly burst?: number;
  /** How many may wait. A whole number from 0, or `Infinity`. @defaultValue 1 000 */
  readonly maxWaiting?: number;
  /** The longest a call waits; one that would have to wait longer is turned away at once. Unit: milliseconds. @defaultValue 1 000 */
  readonly queueMs?: number;
  /** Finds in an answer or an error what it says of the server's limits. @defaultValue {@link rateHintOf} */
  readonly read?: (said: unknown) => RateHint | undefined;
}

/** How starts are counted: evenly spaced, or by a log of the latest ones. */
export type RateAlgorithm = 'gcra' | 'log';

/** Settings for {@link createRateLimiter}. */
export interface RateLimiterOptions extends RateLimiterSettings {
  readonly limit: number;
  /** `'gcra'` spaces starts evenly; `'log'` lets them come as they like, never more than `limit` in any window. @defaultValue 'gcra' */
  readonly algorithm?: RateAlgorithm;
  /** What policy events call it. @defaultValue none */
  readonly name?: string;
  /** Where time comes from. @defaultValue the system's clock */
  readonly clock?: Clock;
  /** Where jitter comes from. @defaultValue the system's */
  readonly random?: Random;
}

/** What a rate limiter allows and has seen. */
export interface RateLimiterState {
  readonly limit: number;
  readonly windowMs: number;
  /** Calls that wait for their turn. */
  readonly waiting: number;
  readonly started: number;
  /** Calls turned away, those that waited too long included. */
  readonly rejected: number;
  /** When the next call may start; now, when that has passed. Unit: milliseconds since 1970. */
  readonly opensAtMs: number;
}

/** What has to be remembered of one policy of a server. */
export interface SavedQuota {
  readonly policy: string;
  readonly partition: string | null;
  readonly left: number;
  readonly untilMs: number;
}

/** The options, read and checked. */
export interface RateSettings extends Rate {
  readonly algorithm: RateAlgorithm;
  readonly maxWaiting: number;
  readonly queueMs: number;
  readonly read: (said: unknown) => RateHint | undefined;
  readonly name: string | undefined;
  readonly clock: Clock;
  readonly random: Random;
}

const CHANGES = ['limit', 'windowMs', 'burst', 'maxWaiting', 'queueMs', 'read'];
const WHERE = 'createRateLimiter';

/** @throws ConfigError naming the field that is wrong */
export function readRateSettings(options: RateLimiterOptions): RateSettings {
  const keys = [...CHANGES, 'algorithm', 'name', 'clock', 'random'];
  const given: Partial<RateLimiterOptions> = readOptions(options, keys, WHERE);
  const { algorithm = 'gcra', burst } = given;
  if (algorithm !== 'gcra' && algorithm !== 'log') {
    throw new ConfigError(`${WHERE}.algorithm`, `must be 'gcra' or 'log', not ${String(algorithm)}`);
  }
  return checked(given, WHERE, {
    algorithm,
    windowMs: 1000,
    burst,
    maxWaiting: 1000,
    queueMs: 1000,
    read: rateHintOf,
    name: given.name,
    clock: given.clock ?? systemClock,
    random: given.random ?? systemRandom,
  });
}

/** @throws ConfigError naming the field that is wrong */
export function changeRateSettings(settings: RateSettings, changes: RateLimiterSettings): RateSettings {
  return checked(readOptions(changes, CHANGES, 'configure'), 'configure', settings);
}

/** All but what only the caller can say. */
type Started = Omit<RateSettings, 'limit'> & { readonly limit?: number };

function checked(given: RateLimiterSettings, where: string, before: Started): RateSettings {
  const { limit, windowMs, burst, maxWaiting, queueMs, read } = { ...before, ...given };
  if (before.algorithm === 'log' && given.burst !== undefined) {
    throw new ConfigError(`${where}.burst`, "leave it out: algorithm 'log' lets the whole limit start at once");
  }
  return {
    ...before,
    limit: count(limit, `${where}.limit`),
    windowMs: finiteFrom(1, windowMs, `${where}.windowMs`),
    burst: burst === undefined ? undefined : count(burst, `${where}.burst`),
    maxWaiting: wholeFrom(0, maxWaiting, `${where}.maxWaiting`),
    queueMs: atLeast(0, queueMs, `${where}.queueMs`),
    read,
  };
}

function count(value: unknown, field: string): number {
  if (Number.isSafeInteger(value) && (value as number) > 0) return value as number;
  throw new ConfigError(field, `must be a whole number from 1, not ${String(value)}`);
}
