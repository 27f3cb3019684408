import { describe, expect, it } from 'vitest';

import { ConfigError } from '../../lib/core/errors.js';
import { webFailure } from '../../lib/transport/web-failure.js';

const coded = (code: string, message = 'why') => Object.assign(new Error(message), { code });
const wrapped = (cause: unknown) => new TypeError('fetch failed', { cause });

describe('what went wrong', () => {
  it.each([
    ['Node, an unknown host', wrapped(coded('ENOTFOUND')), 'dns', true],
    ['Node, a resolver without an answer', wrapped(coded('EAI_AGAIN')), 'dns', true],
    ['Node, a refused connection', wrapped(coded('ECONNREFUSED')), 'connect', true],
    ['Node, no connection in time', wrapped(coded('UND_ERR_CONNECT_TIMEOUT')), 'connect', true],
    ['Node, a certificate of nobody', wrapped(coded('DEPTH_ZERO_SELF_SIGNED_CERT')), 'tls', false],
    ['Node, a certificate that is too old', wrapped(coded('CERT_HAS_EXPIRED')), 'tls', false],
    ['Node, a handshake that fails', wrapped(coded('EPROTO')), 'tls', true],
    ['Node, a closed socket', wrapped(coded('UND_ERR_SOCKET')), 'receive', true],
    ['Bun, a refused connection', coded('ConnectionRefused'), 'connect', true],
    ['Deno, an unknown host', wrapped(new Error('client error (Connect): dns error: no')), 'dns', true],
    ['Deno, a refused connection', wrapped(new Error('tcp connect error: Connection refused')), 'connect', true],
    ['Deno, a certificate of nobody', wrapped(new Error('invalid peer certificate: UnknownIssuer')), 'tls', false],
    ['Deno, a reset', wrapped(new Error('Connection reset by peer')), 'receive', true],
    ['a browser, anything', new TypeError('Failed to fetch'), 'connect', true],
  ])('is a network error with its phase: %s', (_, error, phase, retryable) => {
    expect(webFailure(error, false)).toMatchObject({ kind: 'network', phase, retryable, cause: error });
  });

  it('is a loss while receiving once the head has come', () => {
    expect(webFailure(new TypeError('network error'), true)).toMatchObject({ kind: 'network', phase: 'receive' });
  });

  it.each([
    ['Node', wrapped(coded('Z_DATA_ERROR'))],
    ['Node, brotli', coded('ERR__ERROR_FORMAT_PADDING_1')],
    ['Node, zstd', coded('ZSTD_error_prefix_unknown')],
    ['Node, too many codings', wrapped(new Error('too many content-encodings in response: 8'))],
    ['Bun', coded('ZlibError')],
    ['workerd', new Error('Gzip decompression failed.')],
  ])('is a decode error where a content encoding cannot be undone: %s', (_, error) => {
    expect(webFailure(error, true)).toMatchObject({ kind: 'decode', retryable: false, cause: error });
  });

  it.each([
    ['Node 20', wrapped(coded('HPE_INVALID_STATUS'))],
    ['Node 24', wrapped(Object.assign(new Error('does not match'), { name: 'HTTPParserError' }))],
    ['Node, a head that is too large', wrapped(coded('UND_ERR_HEADERS_OVERFLOW'))],
    ['Bun', coded('Malformed_HTTP_Response')],
    ['Deno', wrapped(new Error('client error (SendRequest): invalid HTTP status-code parsed'))],
  ])('is a protocol error where the answer is not HTTP: %s', (_, error) => {
    expect(webFailure(error, false)).toMatchObject({ kind: 'protocol', retryable: false, cause: error });
  });

  it('is a lost connection where the parser meets an early end', () => {
    expect(webFailure(wrapped(coded('HPE_INVALID_EOF_STATE')), true)).toMatchObject({ kind: 'network' });
  });

  it('does not depend on what the host is called', () => {
    const error = wrapped(new Error('error sending request for url (https://certificate.test/ENOTFOUND): reset'));

    expect(webFailure(error, false)).toMatchObject({ phase: 'receive', retryable: true });
  });

  it('says what a browser cannot tell apart, and only there', () => {
    expect(webFailure(new TypeError('Failed to fetch'), false).message).toContain('CORS');
    expect(webFailure(wrapped(coded('ECONNREFUSED')), false).message).not.toContain('CORS');
  });

  it('stays what it is where it is known already', () => {
    const error = new ConfigError('body', 'cannot be sent');

    expect(webFailure(error, false)).toBe(error);
  });

  it.each([undefined, null, 'text', 7])('can be anything that was thrown: %s', (thrown) => {
    expect(webFailure(thrown, false)).toMatchObject({ kind: 'network', cause: thrown });
  });
});
