import { defaultTransport } from '#transport';

import { type Clock, systemClock } from '../core/clock.js';
import { Deadlines } from '../core/deadlines.js';
import { ConfigError } from '../core/errors.js';
import { must } from '../core/must.js';
import { Purse } from '../core/purse.js';
import { type Random, systemRandom } from '../core/random.js';
import { DEFAULT_LIMITS, type Limits } from '../core/wire.js';
import type { Target, Transport } from '../transport/contract.js';
import type { Auth } from './credentials.js';
import { type FlatHeaders, mergeHeaders, readHeaders } from './headers.js';
import { checkPolicies, layerOf } from './layers.js';
import {
  DEFAULT_RETRY,
  DEFAULT_TIMEOUTS,
  does,
  readChecked,
  readLimits,
  readRetry,
  readTimeouts,
  type RetrySettings,
} from './settings.js';
import type { ApiOptions, Cookies, Layer, Policy, Timeouts } from './types.js';
import { parseBase } from './url.js';

/** What a client and every `extend` of it hold in common. */
export interface Shared {
  readonly budgets: Map<string, Purse>;
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
  readonly base: Target | undefined;
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

function readList<T>(
  value: unknown,
  under: readonly T[],
  field: string,
  isOne: (one: T) => boolean,
  be: string,
): readonly T[] {
  if (value === undefined) return under;
  must(Array.isArray(value), field, 'an array');
  const list = [...(value as T[])];
  for (const [i, one] of list.entries()) must(isOne(one), `${field}[${i}]`, be);
  return list;
}

function readLayers(value: unknown, under: readonly Layer[], field: string, retries: boolean): readonly Layer[] {
  const isOne = (layer: unknown): boolean => typeof layer === 'function';
  const list = readList<Layer | Policy>(value, under, field, isOne, 'a function (request, next) => …');
  checkPolicies(list, field, retries);
  return list.map(layerOf);
}

/** Binds each credential to origins now: an `extend` with another `baseUrl` must not carry it off. */
function readAuth(value: unknown, under: readonly Auth[], base: Target | undefined): readonly Auth[] {
  const isOne = (auth: Auth): boolean => does(auth, 'credentials');
  return readList(value, under, 'auth', isOne, 'one that bearer, basic, apiKey or xsrf made').map((auth, i) => {
    if (!auth.origins && !base)
      throw new ConfigError(`auth[${i}].origins`, 'name the origins it may be sent to, or set baseUrl');
    return auth.origins ? auth : { ...auth, origins: [base!.origin] };
  });
}

/** What a client is that nobody said anything of. */
const PLAIN: Omit<Client, 'shared' | 'deadlines' | 'plainHeaders'> = {
  base: undefined,
  absolute: false,
  headers: [],
  auth: [],
  cookies: undefined,
  cache: undefined,
  keepalive: undefined,
  layers: [],
  attemptLayers: [],
  timeouts: DEFAULT_TIMEOUTS,
  limits: DEFAULT_LIMITS,
  limitsSet: [],
  retry: DEFAULT_RETRY,
  retrySet: false,
  clock: systemClock,
  random: systemRandom,
  closed: false,
};

/** Reads a client's options on top of those of the client it extends. */
export function readClient(input: unknown, parent?: Client): Client {
  const read: ApiOptions = readChecked(input, OPTIONS, parent ? 'extend' : 'createApi');
  const under = parent ?? PLAIN;
  const { transport, baseUrl, absolute, clock = under.clock } = read;
  const { limits, limitsSet } = readLimits(read.limits, under);
  const retry = readRetry(read.retry, under.retry);
  const own: Shared = {
    budgets: parent?.shared.budgets ?? new Map<string, Purse>(),
    transport,
    closed: false,
    running: 0,
    drained: undefined,
    closing: undefined,
  };
  const base = baseUrl === undefined ? under.base : parseBase(baseUrl);
  // Fields set for one origin are not sent to another.
  const inherited = under.base?.origin === base?.origin ? under.headers : [];
  return {
    shared: parent && !transport ? parent.shared : own,
    base,
    absolute: absolute ? absolute === 'allow' : under.absolute,
    headers: mergeHeaders(inherited, readHeaders(read.headers, 'headers')),
    auth: readAuth(read.auth, under.auth, base),
    cookies: read.cookies ?? under.cookies,
    cache: read.cache ?? under.cache,
    keepalive: read.keepalive ?? under.keepalive,
    layers: readLayers(read.layers, under.layers, 'layers', retry !== undefined),
    attemptLayers: readLayers(read.attemptLayers, under.attemptLayers, 'attemptLayers', retry !== undefined),
    timeouts: readTimeouts(read.timeouts, under.timeouts),
    limits,
    limitsSet,
    retry,
    retrySet: read.retry !== undefined || under.retrySet,
    clock,
    random: read.random ?? under.random,
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
export function budgetOf(client: Client, origin: string): Purse {
  const { budgets } = client.shared;
  let budget = budgets.get(origin);
  if (budget) return budget;
  budget = new Purse();
  if (budgets.size >= MOST_BUDGETS) budgets.delete(budgets.keys().next().value!);
  budgets.set(origin, budget);
  return budget;
}
