import type { ObservableInput } from 'rxjs';

import { createBudget } from '../lib/core/budget.js';
import type { Clock } from '../lib/core/clock.js';
import type { FlowOperator } from '../lib/core/flow.js';
import { readOptions } from '../lib/core/options.js';
import { createAdaptiveLimit } from '../lib/core/policy/adaptive-limit.js';
import { createBreaker } from '../lib/core/policy/breaker.js';
import type { Breaker } from '../lib/core/policy/breaker-types.js';
import { type Bulkhead, createBulkhead } from '../lib/core/policy/bulkhead.js';
import { compose } from '../lib/core/policy/compose.js';
import type { Hedge } from '../lib/core/policy/hedge-types.js';
import type { RateLimiter } from '../lib/core/policy/rate-limiter.js';
import type { Throttle } from '../lib/core/policy/throttle-types.js';
import type { Random } from '../lib/core/random.js';
import { breakCircuit } from './break-circuit.js';
import { deadline } from './deadline.js';
import { fallbackTo } from './fallback-to.js';
import { hedge } from './hedge.js';
import { limitConcurrency } from './limit-concurrency.js';
import { limitRate } from './limit-rate.js';
import { retryBackoff, type RetryBackoffOptions } from './retry-backoff.js';
import { throttleClient } from './throttle-client.js';
import { timeoutEach } from './timeout-each.js';

/** Settings for {@link standardPolicies}; each policy is its own, so that what several share is passed in. */
export interface StandardPoliciesOptions<T> {
  /** What answers when all else failed. @defaultValue none */
  readonly fallback?: (error: unknown) => ObservableInput<T>;
  /** For everything together. Unit: milliseconds; `false` for no limit. @defaultValue 30 000 */
  readonly totalMs?: number | false;
  /** How failures are repeated. @defaultValue three attempts, under a budget of its own */
  readonly retry?: RetryBackoffOptions | false;
  /** A second attempt beside a slow one: for calls that may be made twice. @defaultValue none */
  readonly hedge?: Hedge;
  /** Stops calls to a server that is down. @defaultValue one of its own */
  readonly breaker?: Breaker | false;
  /** Sends less the more a server refuses. @defaultValue none */
  readonly throttle?: Throttle;
  /** How many run at once. @defaultValue a limit that adapts, before which 1 000 may wait as long as `totalMs` lets them */
  readonly concurrency?: Bulkhead | false;
  /** How many start in a time. @defaultValue none */
  readonly rate?: RateLimiter;
  /** For one attempt, to its first value. Unit: milliseconds; `false` for no limit. @defaultValue 10 000 */
  readonly attemptMs?: number | false;
  /** What {@link policyEvents} call the policies that are its own. @defaultValue none */
  readonly name?: string;
  /** Where time comes from. @defaultValue the system's clock */
  readonly clock?: Clock;
  /** Where jitter comes from. @defaultValue the system's */
  readonly random?: Random;
}

const KEYS = 'fallback totalMs retry hedge breaker throttle concurrency rate attemptMs name clock random'.split(' ');

/**
 * The recommended policies in the recommended order, as one operator: make it once for a server, and use it for all calls.
 *
 * - next: passed through.
 * - error: retried, if it may pass and nothing was delivered; else passed on, or answered by `fallback`.
 * - complete: passed through; counted as a success.
 * - unsubscribe: cancels what runs or waits, at once.
 *
 * Outermost first: fallback, total deadline, retry, hedge, breaker, throttle, concurrency, rate, time of an attempt.
 * What is its own is shared by all its subscriptions; a breaker or limit for several servers is none.
 *
 * @param options - see {@link StandardPoliciesOptions}
 * @returns an operator that emits what the source emits
 * @throws ConfigError when an option is wrong
 * @throws what {@link deadline}, {@link retryBackoff}, {@link breakCircuit}, {@link limitConcurrency} and the others do
 * @see Microsoft, "Build resilient HTTP apps": the standard resilience handler
 *
 * @example
 * ```ts
 * import { standardPolicies } from 'millrace/operators';
 * import { flaky } from 'millrace/testing';
 * import { lastValueFrom } from 'rxjs';
 *
 * const careful = standardPolicies<number>({ retry: { backoff: () => 1 } });
 * await lastValueFrom(flaky(2, 101.5).pipe(careful)); // => 101.5
 * ```
 */
export function standardPolicies<T>(options: StandardPoliciesOptions<T> = {}): FlowOperator<T, T> {
  const given: StandardPoliciesOptions<T> = readOptions(options, KEYS, 'standardPolicies');
  const {
    fallback,
    totalMs = 30_000,
    retry = {},
    attemptMs = 10_000,
    concurrency,
    breaker,
    name,
    clock,
    random,
  } = given;
  const told = { ...(name !== undefined && { name }), ...(clock && { clock }) };
  const chance = { ...told, ...(random && { random }) };
  const links: FlowOperator<T, T>[] = [];
  if (fallback) links.push(fallbackTo<T, ObservableInput<T>>(fallback, told) as FlowOperator<T, T>);
  if (totalMs !== false) links.push(deadline({ totalMs, ...told }));
  if (retry) links.push(retryBackoff({ budget: createBudget(), ...chance, ...retry }));
  if (given.hedge) links.push(hedge(given.hedge));
  if (breaker !== false) links.push(breakCircuit(breaker ?? createBreaker(chance)));
  if (given.throttle) links.push(throttleClient(given.throttle));
  if (concurrency !== false) {
    const bounds = { maxWaiting: 1000, queueMs: Infinity };
    links.push(
      limitConcurrency(concurrency ?? createBulkhead({ limit: createAdaptiveLimit(told), ...bounds, ...told })),
    );
  }
  if (given.rate) links.push(limitRate(given.rate));
  if (attemptMs !== false) links.push(timeoutEach({ attemptMs, ...told }));
  return compose(links, 'standardPolicies');
}
