import { StatusError } from '../core/answer-errors.js';
import { NetworkError } from '../core/errors.js';
import { CloseError, type CloseMeaning, meaningOf } from './close-error.js';
import type { SocketEnd } from './socket-contract.js';
import type { SocketSettings } from './socket-settings.js';

/** What the end of a connection means. */
export interface Loss {
  readonly error: unknown;
  /** `undefined` where the error says whether to come back. */
  readonly meaning: CloseMeaning | undefined;
}

/** Reads the end of a connection: a clean close is no success, and the code says what follows. */
export function readLoss(end: SocketEnd | { readonly failure: unknown }, { closeCodes }: SocketSettings): Loss {
  if ('failure' in end) return { error: end.failure, meaning: undefined };
  const { code, reason } = end;
  const told = closeCodes[code];
  if (end.error) {
    const isUnauthorized = end.error instanceof StatusError && end.error.status === 401;
    return { error: end.error, meaning: told ?? (isUnauthorized ? 'renew' : undefined) };
  }
  if (code === 1006) {
    return { error: new NetworkError('the connection ended without a close frame', 'receive'), meaning: told };
  }
  const meaning = told ?? meaningOf(code);
  const mayPass = meaning === 'retry';
  return { error: new CloseError(code, reason, { retryable: mayPass, transient: mayPass }), meaning };
}
