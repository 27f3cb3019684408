import { isApiError } from './errors.js';
import { atLeast } from './numbers.js';
import { readOptions } from './options.js';
import type { Random } from './random.js';

/**
 * How long to wait before an attempt is repeated.
 *
 * @param error - what the last attempt failed with
 * @param retry - which retry this wait comes before, from 1
 * @param random - the only source of chance to use, so that a seed replays the run
 * @returns milliseconds
 */
export type Backoff = (error: unknown, retry: number, random: Random) => number;

/** Settings for {@link exponential}. */
export interface ExponentialOptions {
  /** Upper end of the first wait. Unit: milliseconds. @defaultValue 100 */
  readonly baseMs?: number;
  /** The same after a 429: the server said that it is asked too often. Unit: milliseconds. @defaultValue 1000 */
  readonly throttledBaseMs?: number;
  /** No wait is longer. Unit: milliseconds. @defaultValue 20 000 */
  readonly capMs?: number;
}

/** What a wait is cut to when no other cap is set. Unit: milliseconds. */
export const DEFAULT_CAP_MS = 20_000;

/** Keeps `base * 2 ** n` finite. */
const MOST_DOUBLINGS = 60;

/**
 * Waits that double with each retry, each drawn from 0 to the full length, so that callers that failed together do
 * not come back together.
 *
 * @throws ConfigError when an option is not a number of milliseconds, 0 or more
 * @returns `U(0, min(capMs, baseMs * 2 ** (retry - 1)))`
 * @see AWS Architecture Blog, "Exponential Backoff And Jitter" (2015): full jitter
 */
export function exponential(options: ExponentialOptions = {}): Backoff {
  const where = 'exponential';
  const {
    baseMs = 100,
    throttledBaseMs = 1000,
    capMs = DEFAULT_CAP_MS,
  }: ExponentialOptions = readOptions(options, ['baseMs', 'throttledBaseMs', 'capMs'], where);
  for (const [key, ms] of Object.entries({ baseMs, throttledBaseMs, capMs })) atLeast(0, ms, `${where}.${key}`);
  return doubling(baseMs, throttledBaseMs, capMs);
}

/** {@link exponential} with its defaults, and without what reads options. */
export function doubling(baseMs = 100, throttledBaseMs = 1000, capMs = DEFAULT_CAP_MS): Backoff {
  return (error, retry, random) => {
    const base = isThrottled(error) ? throttledBaseMs : baseMs;
    return random() * Math.min(capMs, base * 2 ** Math.min(retry - 1, MOST_DOUBLINGS));
  };
}

/** Jitter on top of what a server asked for: a tenth, at most 5 s. */
const JITTER_SHARE = 0.1;
const JITTER_MOST_MS = 5000;

/** What a server asked for plus up to a tenth of it, so that its clients do not all come back at the same moment. */
export function spread(askedMs: number, random: Random): number {
  return askedMs + random() * Math.min(askedMs * JITTER_SHARE, JITTER_MOST_MS);
}

function isThrottled(error: unknown): boolean {
  return isApiError(error) && (error as { readonly status?: unknown }).status === 429;
}
