import { ApiError, type ErrorFacts } from '../core/errors.js';
import { oneLine } from '../core/one-line.js';

/** What follows a close code: try again, try again with new credentials, give up, or be done. */
export type CloseMeaning = 'retry' | 'renew' | 'fail' | 'complete';

/** The server ended a socket with a close code that says not to come back, or it came once too often. */
export class CloseError extends ApiError {
  readonly kind = 'close';
  /** The close code: of RFC 6455, of the IANA registry, or the server's own (4000 to 4999). */
  readonly code: number;
  /** What the server said beside the code. */
  readonly reason: string;

  constructor(code: number, reason: string, facts?: ErrorFacts) {
    const said = NAMES[code];
    super(`the server closed the socket: ${code}${said ? ` (${said})` : ''}${shown(reason)}`, facts);
    this.code = code;
    this.reason = reason;
  }
}

const shown = (reason: string): string => (reason ? `, "${oneLine(reason, 123)}"` : '');

const NAMES: Readonly<Record<number, string>> = {
  1000: 'normal closure',
  1001: 'going away',
  1002: 'protocol error',
  1003: 'unsupported data',
  1005: 'no code',
  1006: 'no close frame',
  1007: 'invalid data',
  1008: 'policy violation',
  1009: 'message too big',
  1010: 'extension missing',
  1011: 'internal error',
  1012: 'service restart',
  1013: 'try again later',
  1014: 'bad gateway',
  1015: 'TLS failed',
  3000: 'unauthorized',
  3003: 'forbidden',
  3008: 'timeout',
  4401: 'unauthorized',
};

/** Codes that another attempt would meet again. A clean close is no success: these arrive clean. */
const FATAL = new Set([1002, 1003, 1007, 1008, 1009, 1010, 1011, 3003, 4400, 4403, 4406, 4409, 4429]);
const UNAUTHORIZED = new Set([3000, 4401]);

/** What a close code means when the program says nothing of it. */
export function meaningOf(code: number): CloseMeaning {
  if (UNAUTHORIZED.has(code)) return 'renew';
  return FATAL.has(code) ? 'fail' : 'retry';
}
