import { isApiError, type RequestSummary } from '../core/errors.js';
import { describe } from '../http/summary.js';

/** What a long-lived source fails with: an error of ours says which request it was, and after how many attempts. */
export function streamError(error: unknown, request: RequestSummary, attempts: number): unknown {
  if (!isApiError(error)) return error;
  describe(error, request);
  error.attempts = attempts;
  // The attempts have been had: an operator outside must not multiply them.
  error.retryable = false;
  return error;
}
