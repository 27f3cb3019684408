import { exponential } from '../core/backoff.js';
import type { Budget } from '../core/budget.js';
import { ConfigError, isRetryable } from '../core/errors.js';
import { atLeast, positiveWhole } from '../core/numbers.js';
import { readOptions } from '../core/options.js';
import type { RetryPolicy } from '../core/retry-policy.js';
import { DEFAULT_LIMITS, type Limits } from '../core/wire.js';
import type { Cookies, RetryOptions, Timeouts } from './types.js';

/** Retry settings of a client or call; the budget is chosen per origin where none is given. */
export type RetrySettings = Omit<RetryPolicy, 'budget' | 'clock' | 'random'> & {
  readonly budget: Budget | false | undefined;
};

/** The time limits that hold when nothing else is said. */
export const DEFAULT_TIMEOUTS: Timeouts = {
  queueMs: 1000,
  headersMs: 10_000,
  idleMs: 30_000,
  attemptMs: 10_000,
  totalMs: 30_000,
};
const RETRY = 'attempts backoff when budget maxRetryAfterMs'.split(' ');
const DEFAULT_RETRY: RetrySettings = {
  attempts: 3,
  backoff: /* @__PURE__ */ exponential(),
  when: isRetryable,
  budget: undefined,
  maxRetryAfterMs: 60_000,
};
const NO_TIMEOUTS: Timeouts = {
  queueMs: Infinity,
  headersMs: Infinity,
  idleMs: Infinity,
  attemptMs: Infinity,
  totalMs: Infinity,
};

/** Reads an option that is one of a few words. */
export function readWord<W extends string>(value: unknown, words: readonly W[], field: string): W | undefined {
  if (value === undefined || words.includes(value as W)) return value as W | undefined;
  throw new ConfigError(field, `must be one of ${words.map((word) => `'${word}'`).join(', ')}`);
}

/** @throws ConfigError unless `ok` */
export function must(ok: boolean, field: string, be: string): void {
  if (!ok) throw new ConfigError(field, `must be ${be}`);
}

export const isFunction = (value: unknown): boolean => typeof value === 'function';

/** Whether a value has these methods, of its own or by its class. */
export function does(value: unknown, ...methods: readonly string[]): boolean {
  return methods.every((name) => isFunction((value as Readonly<Record<string, unknown>> | null | undefined)?.[name]));
}

interface Platform {
  readonly cookies: Cookies | undefined;
  readonly cache: string | undefined;
  readonly keepalive: boolean | undefined;
}

/** Reads what is handed on to the platform as it is. */
export function readPlatform(read: Partial<Platform>, under: Platform | undefined): Platform {
  const { cookies, cache = under?.cache, keepalive = under?.keepalive } = read;
  must(cache === undefined || typeof cache === 'string', 'cache', 'a string, such as no-store');
  must(keepalive === undefined || typeof keepalive === 'boolean', 'keepalive', 'true or false');
  return {
    cookies: readWord(cookies, ['omit', 'same-origin', 'include'], 'cookies') ?? under?.cookies,
    cache,
    keepalive,
  };
}

/** Reads time limits on top of others. */
export function readTimeouts(input: unknown, under: Timeouts): Timeouts {
  if (input === undefined) return under;
  if (input === false) return NO_TIMEOUTS;
  const read: Record<string, unknown> = { ...readOptions(input, Object.keys(DEFAULT_TIMEOUTS), 'timeouts') };
  for (const [name, value] of Object.entries(read)) {
    if (value === false) read[name] = Infinity;
    else if (typeof value !== 'number' || !(value > 0)) {
      throw new ConfigError(`timeouts.${name}`, 'must be a number of milliseconds above 0, or false for none');
    }
  }
  return { ...under, ...read };
}

interface LimitSettings {
  readonly limits: Limits;
  /** Limits that somebody set: a platform that cannot honour one of these refuses the call. */
  readonly limitsSet: readonly string[];
}

/** Reads limits on top of others. */
export function readLimits(input: unknown, under: LimitSettings): LimitSettings {
  if (input === undefined) return { limits: under.limits, limitsSet: under.limitsSet };
  const read = readOptions(input, Object.keys(DEFAULT_LIMITS), 'limits');
  for (const [name, value] of Object.entries(read)) atLeast(0, value, `limits.${name}`);
  return { limits: { ...under.limits, ...read }, limitsSet: [...under.limitsSet, ...Object.keys(read)] };
}

/** Reads retry settings on top of others; `false` switches retry off. */
export function readRetry(input: unknown, under: RetrySettings | undefined): RetrySettings | undefined {
  if (input === false) return undefined;
  const read = readOptions(input, RETRY, 'retry') as RetryOptions;
  const { attempts, backoff, when, budget, maxRetryAfterMs } = { ...(under ?? DEFAULT_RETRY), ...read };
  positiveWhole(attempts, 'retry.attempts');
  atLeast(0, maxRetryAfterMs, 'retry.maxRetryAfterMs');
  must(isFunction(backoff), 'retry.backoff', 'a function, such as exponential()');
  must(isFunction(when), 'retry.when', 'a function of the error');
  must(!budget || does(budget, 'take', 'refund', 'earn'), 'retry.budget', 'a budget, such as createBudget(), or false');
  return { attempts, backoff, when, budget, maxRetryAfterMs };
}
