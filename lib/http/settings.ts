import { doubling } from '../core/backoff.js';
import type { Budget } from '../core/budget.js';
import { isRetryable } from '../core/errors.js';
import { must } from '../core/must.js';
import { atLeast, positiveWhole } from '../core/numbers.js';
import { readOptions } from '../core/options.js';
import type { RetryPolicy } from '../core/retry-policy.js';
import { DEFAULT_LIMITS, type Limits } from '../core/wire.js';
import type { RetryOptions, Timeouts } from './types.js';

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
export const DEFAULT_RETRY: RetrySettings = {
  attempts: 3,
  backoff: /* @__PURE__ */ doubling(),
  when: isRetryable,
  budget: undefined,
  maxRetryAfterMs: 60_000,
};

/** Whether a value has these methods, of its own or by its class. */
export function does(value: unknown, ...methods: readonly string[]): boolean {
  const held = value as Readonly<Record<string, unknown>> | null | undefined;
  return methods.every((name) => typeof held?.[name] === 'function');
}

type Check = (value: unknown, field: string) => void;

const a =
  (type: string, be: string): Check =>
  (value, field) =>
    must(typeof value === type, field, be);
const one =
  (be: string, ...methods: readonly string[]): Check =>
  (value, field) =>
    must(does(value, ...methods), field, be);
const word = (...words: readonly string[]): Check => {
  const be = `one of ${words.map((one) => `'${one}'`).join(', ')}`;
  return (value, field) => must(words.includes(value as string), field, be);
};

/** What options must be that are handed on as they are. */
const CHECKS: Readonly<Record<string, Check>> = {
  __proto__: null as never,
  absolute: word('refuse', 'allow'),
  cookies: word('omit', 'same-origin', 'include'),
  redirects: word('follow', 'error', 'manual', 'platform'),
  cache: a('string', 'a string, such as no-store'),
  keepalive: a('boolean', 'true or false'),
  random: a('function', 'a function such as Math.random'),
  backoff: a('function', 'a function, such as exponential()'),
  when: a('function', 'a function of the error'),
  attempts: positiveWhole,
  maxRetryAfterMs: (value, field) => atLeast(0, value, field),
  budget: (value, field) =>
    value === false || one('a budget, such as retryBudget(), or false', 'take', 'refund', 'earn')(value, field),
  clock: one('an object with now() and after(ms, run)', 'now', 'after'),
  transport: one('a transport, such as fetchTransport()', 'open'),
  signal: one('an AbortSignal', 'addEventListener', 'removeEventListener'),
};

/** Reads options, and checks those that are handed on as they are. */
export function readChecked(input: unknown, names: string, where: string, below = ''): object {
  const read = readOptions(input, names.split(' '), where);
  for (const name of Object.keys(read)) CHECKS[name]?.(read[name], below + name);
  return read;
}

/** Reads time limits on top of others. */
export function readTimeouts(input: unknown, under: Timeouts): Timeouts {
  if (input === undefined) return under;
  const read: Record<string, unknown> = {};
  const given = input === false ? {} : readOptions(input, Object.keys(under), 'timeouts');
  for (const name of Object.keys(input === false ? under : given)) {
    const value = input === false || given[name] === false ? Infinity : given[name];
    must((value as number) > 0 && typeof value === 'number', `timeouts.${name}`, 'milliseconds above 0, or false');
    read[name] = value;
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
  if (input === undefined) return under;
  const read = readOptions(input, Object.keys(DEFAULT_LIMITS), 'limits');
  for (const [name, value] of Object.entries(read)) atLeast(0, value, `limits.${name}`);
  return { limits: { ...under.limits, ...read }, limitsSet: [...under.limitsSet, ...Object.keys(read)] };
}

/** Reads retry settings on top of others; `false` switches retry off. */
export function readRetry(input: unknown, under: RetrySettings | undefined): RetrySettings | undefined {
  if (input === undefined) return under;
  if (input === false) return undefined;
  const read: RetryOptions = readChecked(input, 'attempts backoff when budget maxRetryAfterMs', 'retry', 'retry.');
  return { ...(under ?? DEFAULT_RETRY), ...read };
}
