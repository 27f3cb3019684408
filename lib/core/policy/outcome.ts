import { type ApiError, isApiError, type TimeoutError } from '../errors.js';

/**
 * How an admitted piece of work ended, as far as it tells about the server:
 *
 * - `success`: it did what was asked;
 * - `answered`: it answered, and refused: the fault is the caller's;
 * - `failure`: it failed or was too slow, which may pass;
 * - `ignored`: it says nothing about the server: cancelled, or turned away before it was sent.
 */
export type Outcome = 'success' | 'answered' | 'failure' | 'ignored';

/** What an error says about the server. Foreign errors count as failures, a foreign `AbortError` as cancelled. */
export function outcomeOf(error: unknown): Outcome {
  if (!isApiError(error))
    return (error as Partial<Error> | null | undefined)?.name === 'AbortError' ? 'ignored' : 'failure';
  if (isLocal(error)) return 'ignored';
  return error.transient ? 'failure' : 'answered';
}

/** Made on this side: no server has been asked, or it was not let finish. */
function isLocal(error: ApiError): boolean {
  const { kind } = error;
  if (kind === 'timeout') return (error as TimeoutError).which === 'queue';
  return kind === 'rejected' || kind === 'abort' || kind === 'config';
}
