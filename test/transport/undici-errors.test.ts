import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { DEFAULT_LIMITS } from '../../lib/core/wire.js';
import { undici, type UndiciOptions } from '../../lib/transport/undici.js';
import { setUp } from '../support/contract/bench.js';
import type { Ask } from '../support/contract/types.js';
import { nowhere, startTcp, testAuthority } from '../support/server.js';
import { type Facts, startFacts } from './facts.js';

let at: Facts;
beforeAll(async () => {
  at = await startFacts();
});
afterAll(() => at.server.close());

async function failing(url: string, options: UndiciOptions = {}, ask: Ask = {}) {
  const transport = undici(options);
  const { bench, verify } = setUp(transport, at.facts);
  const error = await bench.failure(url, ask);
  await transport.close!();
  verify();
  return error as Error & Record<string, unknown>;
}

describe('an error of the network says where it happened', () => {
  it('dns', async () => {
    expect(await failing(nowhere)).toMatchObject({
      ...{ kind: 'network', phase: 'dns', retryable: true },
      message: expect.stringMatching(/^no address for http:\/\/nowhere\.invalid: .*(ENOTFOUND|EAI_AGAIN)/),
      cause: { syscall: 'getaddrinfo' },
    });
  });

  it('connect', async () => {
    expect(await failing(at.facts.refused)).toMatchObject({
      ...{ kind: 'network', phase: 'connect', retryable: true },
      message: `no connection to ${at.facts.refused}: connect ECONNREFUSED ${at.facts.refused.slice(7)}`,
      cause: { code: 'ECONNREFUSED' },
    });
  });

  it('connect, when each of several addresses refuses', async () => {
    const port = new URL(at.facts.refused).port;

    expect(await failing(`http://localhost:${port}`)).toMatchObject({ kind: 'network', phase: 'connect' });
    expect((await failing(`http://localhost:${port}`)).message).toContain('ECONNREFUSED');
  });

  it('tls, for a server that does not speak it', async () => {
    const tcp = await startTcp((socket) => void socket.end('this is not TLS'));

    expect(await failing(tcp.secureOrigin)).toMatchObject({ kind: 'network', phase: 'tls' });
    await tcp.close();
  });

  it('tls, for a server that hangs up', async () => {
    const tcp = await startTcp((socket) => void socket.destroy());

    expect(await failing(tcp.secureOrigin)).toMatchObject({ kind: 'network', phase: 'tls', retryable: true });
    await tcp.close();
  });

  const untrusted = [
    ['wrongHost', 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['expired', 'CERT_HAS_EXPIRED'],
    ['selfSigned', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  ] as const;
  it.each(untrusted)('tls, for a certificate that is %s, which no retry mends', async (site, code) => {
    const error = await failing(at.server[site].origin, { tls: { ca: testAuthority } });

    expect(error).toMatchObject({ kind: 'network', phase: 'tls', retryable: false, cause: { code } });
    expect(error.message).toContain(code);
  });

  it('tls, for a certificate of an unknown authority', async () => {
    expect(await failing(at.server.secure.origin)).toMatchObject({ kind: 'network', phase: 'tls', retryable: false });
  });

  it('send, when the connection breaks while a body leaves', async () => {
    const body = new Uint8Array(20_000_000);

    expect(await failing('/upload/reset?after=1000', {}, { method: 'POST', body, uploadProgress: true })).toMatchObject(
      {
        ...{ kind: 'network', phase: 'send', retryable: true },
      },
    );
  });

  it('receive, when it breaks before or within the answer', async () => {
    for (const name of ['reset-before-head', 'fin-before-head', 'reset-mid-body', 'fin-mid-body', 'fin-mid-chunk']) {
      expect(await failing(`/bad/${name}`)).toMatchObject({ kind: 'network', phase: 'receive', retryable: true });
    }
  });
});

describe('other errors', () => {
  it('trust a server whose authority is given', async () => {
    const transport = undici({ tls: { ca: testAuthority } });
    const { bench } = setUp(transport, at.facts);

    expect((await bench.fetch(`${at.server.secure.origin}/json`)).sink.answer?.status).toBe(200);
    await transport.close!();
  });

  it('are protocol errors when the answer is no HTTP', async () => {
    for (const name of ['status-garbage', 'chunk-size-invalid', 'header-nul', 'length-two', 'status-101']) {
      expect(await failing(`/bad/${name}`)).toMatchObject({ kind: 'protocol', retryable: false });
    }
  });

  const heads = [
    ['/headers/long?bytes=70000', 65_536],
    ['/headers/many?count=6000', 65_536],
    ['/bad/huge-header?bytes=3000000', 65_536],
    ['/bad/endless-header', 65_536],
  ] as const;
  it.each(heads)('are limit errors when the head of %s is too large', async (path, limit) => {
    expect(await failing(path)).toMatchObject({ kind: 'limit', which: 'headerBytes', limit });
  });

  it('take the limit of the call, up to what the parser takes', async () => {
    const limits = { ...DEFAULT_LIMITS, headerBytes: 100 };
    expect(await failing('/headers/long?bytes=200', {}, { limits })).toMatchObject({
      which: 'headerBytes',
      limit: 100,
    });
    const wide = { ...DEFAULT_LIMITS, headerBytes: 1_000_000 };
    const transport = undici();
    const { sink } = await setUp(transport, at.facts).bench.fetch('/headers/long?bytes=900000', { limits: wide });
    expect(sink.answer?.headers.get('x-long')).toHaveLength(900_000);
    await transport.close!();
    const endless = { ...DEFAULT_LIMITS, headerBytes: Infinity };
    expect(await failing('/bad/endless-header', {}, { limits: endless })).toMatchObject({ limit: 1_048_576 });
  });

  it('are config errors when the request cannot be sent', async () => {
    const asks: readonly Ask[] = [
      { headers: [['x-bad', 'a\r\nb']] },
      { headers: [['transfer-encoding', 'chunked']] },
      { headers: [['content-length', '5']], method: 'POST', body: 'not five' },
      { method: 'CONNECT' },
    ];
    for (const ask of asks) expect(await failing('/echo', {}, ask)).toMatchObject({ kind: 'config', field: 'request' });
  });
});
