import { type ApiError, isApiError, NetworkError } from '../core/errors.js';
import type { Capabilities, FollowRedirect } from './contract.js';
import { streamBodies } from './stream-bodies.js';

/** Browsers follow redirects unseen. */
export const follow: FollowRedirect | undefined = undefined;

/** What a browser's fetch can do. */
export function fetchCapabilities(): Capabilities {
  return {
    responseStream: true,
    pause: true,
    uploadStream: streamBodies() === 'half',
    uploadProgress: false,
    trailers: false,
    redirects: 'platform',
    decodesBody: true,
    rawHeaders: false,
  };
}

/**
 * Puts what a browser reports into the house's words. Browsers have no codes; Safari alone has words for certificates.
 *
 * @param error - what `fetch` or a read of the body rejected with; an ApiError stays as it is
 * @param begun - whether the head had come
 */
export function webFailure(error: unknown, begun: boolean): ApiError {
  if (isApiError(error)) return error;
  const { name, message = name } = Object(error) as Partial<Error>;
  const isTrusted = !/certificate/i.test(message!);
  const what = begun ? 'lost inside the body: ' : 'no answer: ';
  const hint = begun ? '' : '; browsers do not tell offline, DNS, refusal and CORS apart';
  const phase = begun ? 'receive' : isTrusted ? 'connect' : 'tls';
  return new NetworkError(what + message + hint, phase, { cause: error, retryable: isTrusted });
}
