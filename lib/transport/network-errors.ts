import { LimitError, ProtocolError } from '../core/answer-errors.js';
import { type ApiError, ConfigError, isApiError, NetworkError, type NetworkPhase } from '../core/errors.js';

/** What a parser takes of a head at most, whatever a call allows. */
export const PARSER_HEADER_BYTES = 1_048_576;

/** How far an exchange had come when it failed: `body` means that the head of the answer was there. */
export type Stage = 'connect' | 'send' | 'receive' | 'body';

interface SystemError extends Error {
  readonly code?: string;
  readonly syscall?: string;
  /** What a proxy answered instead of making a tunnel; 0 when it did not answer. */
  readonly proxyStatus?: number;
  readonly errors?: readonly SystemError[];
}

const WHERE: Readonly<Record<NetworkPhase, string>> = {
  dns: 'no address for',
  connect: 'no connection to',
  tls: 'no secure connection to',
  send: 'connection lost while sending to',
  receive: 'connection lost while receiving from',
};

/** Certificates do not get better by trying again. */
const UNTRUSTED = /CERT|UNABLE_TO_|CHAIN|HOSTNAME|INVALID_(CA|PURPOSE)|CRL/;

/** What undici and node's http2 say of a request that nobody could send. */
const BAD_USE = new Set([
  'UND_ERR_INVALID_ARG',
  'UND_ERR_NOT_SUPPORTED',
  'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH',
  'ERR_HTTP2_INVALID_CONNECTION_HEADERS',
  'ERR_HTTP2_HEADER_SINGLE_VALUE',
  'ERR_HTTP2_CONNECT_SCHEME',
  'ERR_INVALID_CHAR',
  'ERR_INVALID_HTTP_TOKEN',
]);

/** Puts what undici and node report into the house's words; keeps it as the cause. */
export function transportError(given: unknown, stage: Stage, origin: string, headerBytes: number): ApiError {
  if (isApiError(given)) return given;
  const cause = given instanceof Error ? (given as SystemError) : undefined;
  const code = cause?.code ?? '';
  const said = saidBy(cause);
  if (code === 'UND_ERR_HEADERS_OVERFLOW') {
    return new LimitError(
      'headerBytes',
      Math.min(headerBytes, PARSER_HEADER_BYTES),
      `the head of the answer from ${origin} is too large`,
      { cause },
    );
  }
  if (BAD_USE.has(code)) return new ConfigError('request', `cannot be sent to ${origin}: ${said}`, { cause });
  if (isMalformed(cause, code, stage)) {
    return new ProtocolError(`${origin} does not keep to HTTP: ${said}`, { cause });
  }
  const phase = stage === 'connect' ? connectPhase(cause, code, origin) : stage === 'send' ? 'send' : 'receive';
  const hopeless = (phase === 'tls' && UNTRUSTED.test(code)) || isRefusal(cause?.proxyStatus);
  return new NetworkError(`${WHERE[phase]} ${origin}: ${said}`, phase, { cause: given, retryable: !hopeless });
}

/** What a proxy refuses once it refuses again; what it is not able to do it may do later. */
function isRefusal(proxyStatus: number | undefined): boolean {
  return proxyStatus !== undefined && proxyStatus >= 300 && proxyStatus < 500;
}

function saidBy(error: SystemError | undefined): string {
  if (!error) return 'no reason given';
  // Happy eyeballs tried several addresses: the last one's error stands for them.
  const { message, code } = error.errors?.at(-1) ?? error;
  const text = message.replaceAll(/\s+/g, ' ').trim() || error.name;
  return code === undefined || text.includes(code) ? text : `${text} (${code})`;
}

/** An early end of the body is the network's doing; everything else the parser minds is the server's. */
function isMalformed(error: SystemError | undefined, code: string, stage: Stage): boolean {
  if (!error || stage === 'connect') return false;
  const { name, message } = error;
  if (name === 'HTTPParserError') return !message.includes('Invalid EOF state');
  // undici says so of every fault that it finds after a content-length field.
  if (code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH') return stage !== 'body';
  // undici asserts that a status is 100 or more.
  return code === 'ERR_ASSERTION' || message === 'bad response' || message === 'bad upgrade';
}

function connectPhase(error: SystemError | undefined, code: string, origin: string): NetworkPhase {
  const first = error?.errors?.at(-1) ?? error;
  if (first?.syscall === 'getaddrinfo') return 'dns';
  const isTcp = first?.syscall === 'connect' || code === 'UND_ERR_CONNECT_TIMEOUT';
  if (isTcp || error?.proxyStatus !== undefined) return 'connect';
  return origin.startsWith('https:') ? 'tls' : 'connect';
}
