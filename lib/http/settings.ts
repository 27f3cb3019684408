import { isStandardSchema } from '../codec/schema.js';
import { doubling } from '../core/backoff.js';
import type { Budget } from '../core/budget.js';
import { isRetryable } from '../core/errors.js';
import { must } from '../core/must.js';
import { readOptions } from '../core/options.js';
import type { RetryPolicy } from '../core/retry-policy.js';
import { DEFAULT_LIMITS, type Limits } from '../core/wire.js';
import type { RetryOptions, Timeouts } from './types.js';

/** Retry settings of a client or call; the budget is chosen per origin where none is given. */
export type RetrySettings = Omit<RetryPolicy, 'budget' | 'clock' | 'random' | 'policy' | 'name'> & {
  readonly budget: Budget | false | undefined;
};

/** The time limits that hold when nothing else is said. */
export const DEFAULT_TIMEOUTS: Timeouts = {
  queueMs: 30_000,
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

const RETRY = 'attempts backoff when budget maxRetryAfterMs'.split(' ');

/** Whether a value has these methods, of its own or by its class. */
export function does(value: unknown, ...methods: readonly string[]): boolean {
  const held = value as Readonly<Record<string, unknown>> | null | undefined;
  return methods.every((name) => typeof held?.[name] === 'function');
}

/** Whether a value will do, and what it must be. */
type Check = readonly [ok: (value: unknown) => boolean, be: string];

const is =
  (type: string) =>
  (value: unknown): boolean =>
    typeof value === type;
const has =
  (...methods: readonly string[]) =>
  (value: unknown): boolean =>
    does(value, ...methods);
const word = (...words: readonly unknown[]): Check => [
  (value) => words.includes(value),
  `one of '${words.join("', '")}'`,
];

const isAmount = (value: unknown): boolean => (value as number) >= 0 && typeof value === 'number';
const AMOUNT: Check = [isAmount, 'a number, 0 or more'];

/** What options must be that are handed on as they are. */
const CHECKS: Readonly<Record<string, Check>> = {
  __proto__: null as never,
  absolute: word('refuse', 'allow'),
  cookies: word('omit', 'same-origin', 'include'),
  redirects: word('follow', 'error', 'manual', 'platform'),
  cache: [is('string'), 'a string, such as no-store'],
  keepalive: [is('boolean'), 'true or false'],
  random: [is('function'), 'a function such as Math.random'],
  backoff: [is('function'), 'a function, such as exponential()'],
  when: [is('function'), 'a function of the error'],
  attempts: [
    (value) => value === Infinity || (Number.isInteger(value) && isAmount(value) && value !== 0),
    'a positive whole number or Infinity',
  ],
  maxRetryAfterMs: AMOUNT,
  budget: [
    (value) => value === false || does(value, 'take', 'refund', 'earn'),
    'a budget, such as createBudget(), or false',
  ],
  clock: [has('now', 'after'), 'an object with now() and after(ms, run)'],
  transport: [has('open'), 'a transport, such as fetchTransport()'],
  signal: [has('addEventListener', 'removeEventListener'), 'an AbortSignal'],
  as: [(value) => isStandardSchema(value) || does(value, 'create'), 'a decoder such as json(), or a Standard Schema'],
  idempotencyKey: [
    (value) => value === true || (typeof value === 'string' && /^[\x21-\x7e]{1,255}$/.test(value)),
    'true, or 1 to 255 visible ASCII characters',
  ],
  context: [(value) => typeof value === 'object' && value !== null, 'an object'],
};

/** Reads options, and checks those that are handed on as they are. */
export function readChecked(input: unknown, names: readonly string[], where: string, below = ''): object {
  const read = readOptions(input, names, where);
  for (const name of Object.keys(read)) {
    const check = CHECKS[name];
    if (check) must(check[0](read[name]), below + name, check[1]);
  }
  return read;
}

/** Reads time limits on top of others. */
export function readTimeouts(input: unknown, under: Timeouts): Timeouts {
  if (input === undefined) return under;
  const names = Object.keys(DEFAULT_TIMEOUTS);
  const given = input === false ? {} : readOptions(input, names, 'timeouts');
  const read: Record<string, unknown> = {};
  for (const name of input === false ? names : Object.keys(given)) {
    const value = input === false || given[name] === false ? Infinity : given[name];
    must(value !== 0 && isAmount(value), `timeouts.${name}`, 'milliseconds above 0, or false for none');
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
  for (const name of Object.keys(read)) must(isAmount(read[name]), `limits.${name}`, AMOUNT[1]);
  return { limits: { ...under.limits, ...read }, limitsSet: [...under.limitsSet, ...Object.keys(read)] };
}

/** Reads retry settings on top of others; `false` switches retry off. */
export function readRetry(input: unknown, under: RetrySettings | undefined): RetrySettings | undefined {
  if (input === undefined) return under;
  if (input === false) return undefined;
  const read: RetryOptions = readChecked(input, RETRY, 'retry', 'retry.');
  return { ...(under ?? DEFAULT_RETRY), ...read };
}
