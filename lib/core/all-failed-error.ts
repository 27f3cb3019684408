import { ApiError, isApiError, isRetryable } from './errors.js';

/** One success would have been enough, and none of the calls brought it. Its cause is the first error. */
export class AllFailedError extends ApiError {
  readonly kind = 'all-failed';
  /** What the calls failed with, in the order of their failing. */
  readonly errors: readonly unknown[];

  /**
   * Is retryable when each of the errors is, since another attempt runs all calls again; asks to wait as long as the
   * one that asks for the longest wait.
   */
  constructor(errors: readonly unknown[]) {
    const known = errors.filter(isApiError);
    const waits = known.flatMap(({ retryAfterMs }) => retryAfterMs ?? []);
    super(`none of ${errors.length} calls succeeded; the first error is ${String(errors[0])}`, {
      cause: errors[0],
      attempts: known.reduce((sum, { attempts }) => sum + attempts, 0),
      retryable: errors.every(isRetryable),
      transient: known.some(({ transient }) => transient),
      retryAfterMs: waits.length > 0 ? Math.max(...waits) : undefined,
    });
    this.errors = errors;
  }
}
