import { defaultTransport } from '#transport';

import { exponential } from '../core/backoff.js';
import { type Budget, retryBudget } from '../core/budget.js';
import { type Clock, systemClock } from '../core/clock.js';
import { Deadlines } from '../core/deadlines.js';
import { ConfigError, isRetryable } from '../core/errors.js';
import { readOptions } from '../core/options.js';
import { type Random, systemRandom } from '../core/random.js';
import type { RetryPolicy } from '../core/retry-policy.js';
import { DEFAULT_LIMITS, type Limits } from '../core/wire.js';
import type { Transport } from '../transport/contract.js';
import type { Auth } from './auth.js';
import { type FlatHeaders, mergeHeaders, readHeaders } from './headers.js';
import type { ApiOptions, Cookies, Layer, RetryOptions, Timeouts } from './types.js';
import { type Base, parseBase } from './url.js';

/** What a client and every `extend` of it hold in common. */
export interface Shared {
  readonly budgets: Map<string, Budget>;
  transport: Transport | undefined;
}

/** Retry settings of a client or call; the budget is chosen per origin where none is given. */
export type RetrySettings = Omit<RetryPolicy, 'budget'> & { readonly budget: Budget | false | undefined };

/** A client's options, read and checked. */
export interface Client {
  readonly shared: Shared;
  readonly base: Base | undefined;
  readonly absolute: boolean;
  readonly headers: FlatHeaders;
  readonly auth: readonly Auth[];
  readonly cookies: Cookies | undefined;
  readonly cache: string | undefined;
  readonly keepalive: boolean | undefined;
  readonly layers: readonly Layer[];
  readonly attemptLayers: readonly Layer[];
  readonly timeouts: Timeouts;
  readonly limits: Limits;
  /** Limits that somebody set: a platform that cannot honour one of these refuses the call. */
  readonly limitsSet: readonly string[];
  readonly retry: RetrySettings | undefined;
  /** Somebody set `retry`: `toFetch` retries only then. */
  readonly retrySet: boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly deadlines: Deadlines;
  /** Fields of calls that bring none of their own, by their `accept`. */
  readonly plainHeaders: Map<string, FlatHeaders>;
  closed: boolean;
}

const OPTIONS =
  'baseUrl absolute headers auth cookies cache keepalive layers retry attemptLayers timeouts limits transport clock random'.split(' ');
const TIMEOUTS: Timeouts = { queueMs: 1000, headersMs: 10_000, idleMs: 30_000, attemptMs: 10_000, totalMs: 30_000 };
const RETRY = 'attempts backoff when budget maxRetryAfterMs'.split(' ');
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

/** Reads time limits on top of others. */
export function readTimeouts(input: unknown, under: Timeouts): Timeouts {
  if (input === undefined) return under;
  if (input === false) return NO_TIMEOUTS;
  const read: Record<string, unknown> = { ...readOptions(input, Object.keys(TIMEOUTS), 'timeouts') };
  for (const [name, value] of Object.entries(read)) {
    if (value === false) read[name] = Infinity;
    else if (typeof value !== 'number' || !(value > 0)) {
      throw new ConfigError(`timeouts.${name}`, 'must be a number of milliseconds above 0, or false for none');
    }
  }
  return { ...under, ...read };
}

/** Reads limits on top of others. */
export function readLimits(input: unknown, under: Limits): Limits {
  if (input === undefined) return under;
  const read = readOptions(input, Object.keys(DEFAULT_LIMITS), 'limits');
  for (const [name, value] of Object.entries(read)) {
    if (typeof value !== 'number' || !(value >= 0)) throw new ConfigError(`limits.${name}`, 'must be a number, 0 or more');
  }
  return { ...under, ...read };
}

/** Reads retry settings; `false` switches retry off. */
export function readRetry(input: unknown, clock: Clock, random: Random): RetrySettings | undefined {
  if (input === false) return undefined;
  const read = readOptions(input ?? {}, RETRY, 'retry') as RetryOptions;
  const { attempts = 3, backoff = exponential(), when = isRetryable, budget, maxRetryAfterMs = 60_000 } = read;
  if (!(attempts >= 1)) throw new ConfigError('retry.attempts', 'must be a whole number, 1 or more');
  return { attempts, backoff, when, budget, maxRetryAfterMs, clock, random };
}

/** Binds each credential to origins now: an `extend` with another `baseUrl` must not carry it off. */
function readAuth(value: unknown, base: Base | undefined, under: readonly Auth[]): readonly Auth[] {
  return readArray<Auth>(value, under, 'auth').map((auth, i) => {
    if (typeof auth?.value !== 'function') throw new ConfigError(`auth[${i}]`, 'must come from bearer, basic, apiKey or xsrf');
    if (auth.origins) return auth;
    if (!base) throw new ConfigError(`auth[${i}].origins`, 'name the origins it may be sent to, or set baseUrl');
    return { ...auth, origins: [base.origin] };
  });
}

function readArray<T>(value: unknown, under: readonly T[], field: string): readonly T[] {
  if (value === undefined) return under;
  if (!Array.isArray(value)) throw new ConfigError(field, 'must be an array');
  return [...(value as T[])];
}

/** Reads a client's options on top of those of the client it extends. */
export function readClient(input: unknown, parent?: Client): Client {
  const read = readOptions(input ?? {}, OPTIONS, parent ? 'extend' : 'createApi') as ApiOptions;
  const clock = read.clock ?? parent?.clock ?? systemClock;
  const random = read.random ?? parent?.random ?? systemRandom;
  const shared: Shared = parent && !read.transport ? parent.shared : { budgets: parent?.shared.budgets ?? new Map(), transport: read.transport };
  const base = read.baseUrl === undefined ? parent?.base : parseBase(read.baseUrl);
  // Fields set for one origin are not sent to another.
  const inherited = parent && parent.base?.origin === base?.origin ? parent.headers : [];
  return {
    shared,
    base,
    absolute: read.absolute === undefined ? (parent?.absolute ?? false) : readWord(read.absolute, ['refuse', 'allow'], 'absolute') === 'allow',
    headers: mergeHeaders(inherited, readHeaders(read.headers, 'headers')),
    auth: readAuth(read.auth, base, parent?.auth ?? []),
    cookies: readWord(read.cookies, ['omit', 'same-origin', 'include'], 'cookies') ?? parent?.cookies,
    cache: read.cache ?? parent?.cache,
    keepalive: read.keepalive ?? parent?.keepalive,
    layers: readArray(read.layers, parent?.layers ?? [], 'layers'),
    attemptLayers: readArray(read.attemptLayers, parent?.attemptLayers ?? [], 'attemptLayers'),
    timeouts: readTimeouts(read.timeouts, parent?.timeouts ?? TIMEOUTS),
    limits: readLimits(read.limits, parent?.limits ?? DEFAULT_LIMITS),
    limitsSet: [...(parent?.limitsSet ?? []), ...Object.keys(read.limits ?? {})],
    retry: read.retry === undefined && parent ? parent.retry : readRetry(read.retry, clock, random),
    retrySet: read.retry !== undefined || (parent?.retrySet ?? false),
    clock,
    random,
    deadlines: parent && !read.clock ? parent.deadlines : new Deadlines(clock),
    plainHeaders: new Map(),
    closed: false,
  };
}

/** The client's way to move bytes, made when the first call needs it. */
export function transportOf(client: Client): Transport {
  return (client.shared.transport ??= defaultTransport());
}

/** Origins that a client remembers a budget for. */
const MOST_BUDGETS = 1024;

/** The budget of an origin, shared by a client and every `extend` of it. */
export function budgetOf(client: Client, origin: string): Budget {
  const { budgets } = client.shared;
  let budget = budgets.get(origin);
  if (budget) return budget;
  budget = retryBudget();
  if (budgets.size >= MOST_BUDGETS) budgets.delete(budgets.keys().next().value!);
  budgets.set(origin, budget);
  return budget;
}
