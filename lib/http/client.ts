import { defaultTransport } from '#transport';

import { type Budget, createBudget } from '../core/budget.js';
import { type Clock, systemClock } from '../core/clock.js';
import { Deadlines } from '../core/deadlines.js';
import { ConfigError } from '../core/errors.js';
import { readOptions } from '../core/options.js';
import { type Random, systemRandom } from '../core/random.js';
import { DEFAULT_LIMITS, type Limits } from '../core/wire.js';
import type { Transport } from '../transport/contract.js';
import type { Auth } from './auth.js';
import { type FlatHeaders, mergeHeaders, readHeaders } from './headers.js';
import {
  DEFAULT_TIMEOUTS,
  does,
  isFunction,
  must,
  readLimits,
  readPlatform,
  readRetry,
  readTimeouts,
  readWord,
  type RetrySettings,
} from './settings.js';
import type { ApiOptions, Cookies, Layer, Timeouts } from './types.js';
import { type Base, parseBase } from './url.js';

/** What a client and every `extend` of it hold in common. */
export interface Shared {
  readonly budgets: Map<string, Budget>;
  transport: Transport | undefined;
  closed: boolean;
  /** Calls that run, waits between their attempts included. */
  running: number;
  /** Called when the last one ends. */
  drained: (() => void) | undefined;
  /** Set by the first `close`. */
  closing: Promise<void> | undefined;
}

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
  'baseUrl absolute headers auth cookies cache keepalive layers retry attemptLayers timeouts limits transport clock random'.split(
    ' ',
  );
/** Binds each credential to origins now: an `extend` with another `baseUrl` must not carry it off. */
function readAuth(value: unknown, base: Base | undefined, under: readonly Auth[]): readonly Auth[] {
  return readArray<Auth>(value, under, 'auth').map((auth, i) => {
    if (typeof auth?.value !== 'function')
      throw new ConfigError(`auth[${i}]`, 'must come from bearer, basic, apiKey or xsrf');
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

function readLayers(value: unknown, under: readonly Layer[], field: string): readonly Layer[] {
  const layers = readArray(value, under, field);
  for (const [i, layer] of layers.entries())
    must(isFunction(layer), `${field}[${i}]`, 'a function (request, next) => …');
  return layers;
}

/** Reads a client's options on top of those of the client it extends. */
export function readClient(input: unknown, parent?: Client): Client {
  const read = readOptions(input, OPTIONS, parent ? 'extend' : 'createApi') as ApiOptions;
  const clock = read.clock ?? parent?.clock ?? systemClock;
  const random = read.random ?? parent?.random ?? systemRandom;
  must(does(clock, 'now', 'after'), 'clock', 'an object with now() and after(ms, run)');
  must(isFunction(random), 'random', 'a function such as Math.random');
  must(
    read.transport === undefined || does(read.transport, 'open'),
    'transport',
    'a transport, such as fetchTransport()',
  );
  const own = {
    budgets: parent?.shared.budgets ?? new Map<string, Budget>(),
    transport: read.transport,
    closed: false,
    running: 0,
    drained: undefined,
    closing: undefined,
  };
  const shared: Shared = parent && !read.transport ? parent.shared : own;
  const base = read.baseUrl === undefined ? parent?.base : parseBase(read.baseUrl);
  // Fields set for one origin are not sent to another.
  const inherited = parent && parent.base?.origin === base?.origin ? parent.headers : [];
  return {
    shared,
    base,
    absolute:
      read.absolute === undefined
        ? (parent?.absolute ?? false)
        : readWord(read.absolute, ['refuse', 'allow'], 'absolute') === 'allow',
    headers: mergeHeaders(inherited, readHeaders(read.headers, 'headers')),
    auth: readAuth(read.auth, base, parent?.auth ?? []),
    ...readPlatform(read, parent),
    layers: readLayers(read.layers, parent?.layers ?? [], 'layers'),
    attemptLayers: readLayers(read.attemptLayers, parent?.attemptLayers ?? [], 'attemptLayers'),
    timeouts: readTimeouts(read.timeouts, parent?.timeouts ?? DEFAULT_TIMEOUTS),
    ...readLimits(read.limits, parent ?? { limits: DEFAULT_LIMITS, limitsSet: [] }),
    retry: read.retry === undefined && parent ? parent.retry : readRetry(read.retry, parent?.retry),
    retrySet: read.retry !== undefined || (parent?.retrySet ?? false),
    clock,
    random,
    deadlines: parent && !read.clock ? parent.deadlines : new Deadlines(clock),
    plainHeaders: new Map(),
    closed: false,
  };
}

/** Waits for what runs, then closes the connections. */
export async function closeShared(shared: Shared): Promise<void> {
  shared.closed = true;
  // Counted here, since a call that waits for its next attempt, hop or token holds no connection.
  if (shared.running > 0) {
    await new Promise<void>((resolve) => {
      shared.drained = resolve;
    });
  }
  await shared.transport?.close?.();
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
  budget = createBudget();
  if (budgets.size >= MOST_BUDGETS) budgets.delete(budgets.keys().next().value!);
  budgets.set(origin, budget);
  return budget;
}
