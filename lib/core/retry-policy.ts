import { type Backoff, DEFAULT_CAP_MS, spread } from './backoff.js';
import type { Clock } from './clock.js';
import { isApiError } from './errors.js';
import { isWatched, tell } from './policy/policy-events.js';
import type { Payer } from './purse.js';
import type { Random } from './random.js';

/** How failures are repeated: one decision for the client's retry and for `retryBackoff`. */
export interface RetryPolicy {
  /** Attempts in all, the first included. */
  readonly attempts: number;
  readonly backoff: Backoff;
  /** Which errors deserve one more attempt. */
  readonly when: (error: unknown) => boolean;
  /** Pays for the extra attempts; `undefined` for no bound but `attempts`. */
  readonly budget: Payer | undefined;
  /** A server that asks for a longer wait is not asked again. Unit: milliseconds. */
  readonly maxRetryAfterMs: number;
  readonly random: Random;
  readonly clock: Clock;
  /** What policy events call whoever retries: the operator, and the `name` it was given. */
  readonly policy: string;
  readonly name: string | undefined;
}

/** The last moment a Date can hold. */
const END_OF_TIME = 8_640_000_000_000_000;

/**
 * Decides what follows a failed attempt.
 *
 * The wait is the policy's backoff, and at least what the server asked for plus up to 10 % (at most 5 s), so that
 * its clients do not all come back at the same moment. A backoff below 0 counts as 0; one that is not finite comes
 * from a formula that overflowed and counts as 20 s.
 *
 * @param attempt - attempts made so far, the failed one included
 * @param remainingMs - time left until the total deadline; `Infinity` when there is none
 * @returns the wait before the next attempt in milliseconds, paid for from the budget; or -1 when the error must
 *   pass, and then `retryAt` is set on an error that carried `Retry-After`
 * @throws what `when` or `backoff` throw
 */
export function planRetry(policy: RetryPolicy, error: unknown, attempt: number, remainingMs: number): number {
  if (attempt < policy.attempts && policy.when(error)) {
    const waitMs = waitBefore(policy, error, attempt);
    // A wait that ends with the deadline leaves no time for an attempt.
    if (waitMs < remainingMs) {
      const isPaid = !policy.budget || policy.budget.take();
      if (isWatched()) tellOf(policy, error, attempt, waitMs, isPaid);
      if (isPaid) return waitMs;
    }
  }
  const askedMs = retryAfter(error);
  if (askedMs >= 0 && isApiError(error)) {
    error.retryAt ??= new Date(Math.min(policy.clock.now() + askedMs, END_OF_TIME));
  }
  return -1;
}

function tellOf(
  { policy, name, clock }: RetryPolicy,
  error: unknown,
  attempt: number,
  delayMs: number,
  isPaid: boolean,
): void {
  const common = { policy, name, atMs: clock.now() };
  tell(isPaid ? { type: 'retry', ...common, attempt, delayMs, error } : { type: 'rejected', ...common, why: 'budget' });
}

/** @returns milliseconds; `Infinity` when the server asks for more than the policy allows */
function waitBefore(policy: RetryPolicy, error: unknown, retry: number): number {
  const askedMs = retryAfter(error);
  if (askedMs > policy.maxRetryAfterMs) return Infinity;
  return waitAtLeast(askedMs, policy.backoff(error, retry, policy.random), policy.random);
}

/**
 * The wait that a backoff gives, but no less than what the server asked for plus up to 10 %.
 *
 * @param askedMs - below 0 when the server asked for nothing
 */
export function waitAtLeast(askedMs: number, backoffMs: number, random: Random): number {
  const waitMs = Number.isFinite(backoffMs) ? Math.max(0, backoffMs) : DEFAULT_CAP_MS;
  if (askedMs < 0) return waitMs;
  return Math.max(waitMs, spread(askedMs, random));
}

/** What the server asked for in milliseconds; -1 when it asked for nothing. */
function retryAfter(error: unknown): number {
  const askedMs = isApiError(error) ? error.retryAfterMs : undefined;
  return askedMs !== undefined && askedMs >= 0 ? askedMs : -1;
}
