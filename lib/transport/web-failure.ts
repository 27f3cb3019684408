import { DecodeError, ProtocolError } from '../core/answer-errors.js';
import { type ApiError, isApiError, NetworkError, type NetworkPhase } from '../core/errors.js';

interface Told {
  readonly code?: unknown;
  readonly name?: string;
  readonly message?: string;
}

/** Codes of zlib, brotli and zstd, and what undici says of too many codings. */
const DECODING = /\bZ_|zlib|decompress|zstd|brotli|ERR__|ERR_PADDING|content-encoding/i;
const MALFORMED = /HPE_(?!INVALID_EOF)|HTTPParser|Malformed_HTTP|invalid HTTP|HEADERS_OVERFLOW/;
const UNTRUSTED = /certificate|CERT_|SELF_SIGNED|UNABLE_TO_/i;

function phaseOf(text: string, begun: boolean, told: boolean): NetworkPhase {
  if (/ENOTFOUND|EAI_|dns error/.test(text)) return 'dns';
  if (UNTRUSTED.test(text) || /\bTLS|SSL|EPROTO/.test(text)) return 'tls';
  if (/refused|tcp connect|CONNECT_|EHOST|ENET|EADDR|ETIMEDOUT/i.test(text)) return 'connect';
  return begun || told ? 'receive' : 'connect';
}

/**
 * Says what went wrong as precisely as the platform tells: Node and Bun by a code, Deno in words, browsers not at all.
 *
 * @param error - what `fetch` or a read of the body rejected with; an ApiError stays as it is
 * @param begun - whether the head had come
 */
export function webFailure(error: unknown, begun: boolean): ApiError {
  if (isApiError(error)) return error;
  const cause = Object((Object(error) as { cause?: unknown }).cause ?? error) as Told;
  const { code = '', name = '', message = name } = cause;
  const says = `${message}${code ? ` (${String(code)})` : ''}`;
  // Without URLs: a host may be called what an error is called.
  const text = `${String(code)} ${name} ${message}`.replace(/\w+:\/\/\S+/g, '');
  if (DECODING.test(text)) return new DecodeError(`the body cannot be decoded: ${says}`, 0, { cause: error });
  if (MALFORMED.test(text)) return new ProtocolError(`not proper HTTP: ${says}`, { cause: error });
  const told = code !== '' || cause !== error;
  const phase = phaseOf(text, begun, told);
  const hint = told || begun ? '' : '; browsers do not tell offline, DNS, refusal and CORS apart';
  return new NetworkError(`${begun ? 'lost inside the body' : 'no answer'}: ${says}${hint}`, phase, {
    cause: error,
    retryable: !UNTRUSTED.test(text),
  });
}
