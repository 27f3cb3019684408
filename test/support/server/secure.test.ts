import { type ClientHttp2Session, connect, constants, type OutgoingHttpHeaders } from 'node:http2';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { testAuthority } from './certificates.js';
import { ask, jsonOf } from './raw-client.js';
import { startServer } from './start.js';
import type { Server } from './types.js';

let server: Server;
let session: ClientHttp2Session;
beforeAll(async () => {
  server = await startServer();
  session = connect(server.h2.origin, { ca: testAuthority });
});
afterAll(async () => {
  session.destroy();
  await server.close();
});

interface Streamed {
  readonly status: number;
  readonly text: string;
  readonly rstCode: number;
  readonly trailers: Record<string, unknown>;
  readonly informed: readonly number[];
}

function stream(path: string, headers: OutgoingHttpHeaders = {}, body = '', over = session): Promise<Streamed> {
  return new Promise((resolve) => {
    const one = over.request({ ':path': path, ...headers });
    const informed: number[] = [];
    let [status, text] = [0, ''];
    let trailers = {};
    one.on('headers', (head) => informed.push(Number(head[':status'])));
    one.on('response', (head) => (status = Number(head[':status'])));
    one.on('trailers', (head) => (trailers = { ...head }));
    one.on('data', (piece: Buffer) => (text += piece.toString()));
    one.on('error', () => {});
    one.on('close', () => resolve({ status, text, trailers, informed, rstCode: one.rstCode ?? 0 }));
    if (body !== '') one.end(body);
  });
}

describe('TLS', () => {
  it('answers whoever trusts the test authority', async () => {
    expect(jsonOf(await ask(server.secure.url('/echo')))).toMatchObject({ at: server.secure.origin });
  });

  it.each([
    ['wrongHost', 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['expired', 'CERT_HAS_EXPIRED'],
    ['selfSigned', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  ] as const)('is refused by any client at %s', async (name, error) => {
    expect((await ask(server[name].url('/echo'))).error).toBe(error);
  });

  it('is refused without the authority', async () => {
    expect((await ask(server.secure.url('/echo'), { ca: [] })).error).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
  });

  it('misbehaves as the bare port does', async () => {
    expect((await ask(server.secure.url('/bad/reset-before-head'))).error).toBe('ECONNRESET');
    const cut = await ask(server.secure.url('/bad/reset-mid-body'));
    expect([cut.text, cut.error === undefined]).toEqual(['first ten.', false]);
    expect((await ask(server.secure.url('/bad/status-garbage'))).error).toMatch(/^HPE_/);
    await ask(server.secure.url('/bad/stall-mid-body?id=tls'), { abortAfterMs: 5 });
    expect(await server.closed('tls')).toMatchObject({ state: 'aborted' });
  });
});

describe('HTTP/2', () => {
  it('echoes', async () => {
    const { status, text } = await stream('/echo?a=1', { ':method': 'POST', 'x-a': '1' }, 'hello');
    expect(status).toBe(200);
    expect(JSON.parse(text)).toMatchObject({ httpVersion: '2.0', method: 'POST', body: { text: 'hello' } });
    expect(JSON.parse(text).headers).toContainEqual(['x-a', '1']);
  });

  it('streams, with information before and trailers behind', async () => {
    expect((await stream('/ndjson?rows=2')).text).toBe('{"row":1}\n{"row":2}\n');
    expect((await stream('/reply?body=x&trailer=x-sum:1')).trailers).toMatchObject({ 'x-sum': '1' });
    expect((await stream('/reply?info=103&body=x')).informed).toEqual([103]);
    expect(await stream('/no-content?status=205&body=x')).toMatchObject({ status: 205, text: '' });
    expect((await stream('/upload', { ':method': 'PUT' }, 'up')).text).toContain('"bytes":2');
    expect((await stream('/bytes?size=300000')).text.length).toBeGreaterThan(200_000);
  });

  it('resets streams with a code', async () => {
    expect(await stream('/bad/reset-before-head?code=11')).toMatchObject({ status: 0, rstCode: 11 });
    expect(await stream('/bad/reset-mid-body')).toMatchObject({ status: 200, text: 'first ten.', rstCode: 2 });
    expect(await stream('/bad/fin-mid-body')).toMatchObject({ status: 200, text: 'first ten.' });
    expect(await stream('/flaky?how=refuse&key=h2')).toMatchObject({ rstCode: constants.NGHTTP2_REFUSED_STREAM });
    expect(await stream('/flaky?how=refuse&key=h2')).toMatchObject({ status: 200 });
    expect((await stream('/bad/status-99')).status).toBe(501);
  });

  it('sees a stream that its client cancelled', async () => {
    const one = session.request({ ':path': '/bad/stall-mid-body?id=h2-stall' });
    await server.waitFor(({ id, wrote }) => id === 'h2-stall' && wrote > 0);
    one.close(constants.NGHTTP2_CANCEL);
    expect(await server.closed('h2-stall')).toMatchObject({ state: 'aborted' });
  });

  it('says GOAWAY', async () => {
    const own = connect(server.h2.origin, { ca: testAuthority });
    const gone = new Promise<number>((resolve) => own.once('goaway', (code: number) => resolve(code)));
    own.on('error', () => {});
    const answer = await stream('/bad/goaway', {}, '', own);
    expect([answer.text, await gone]).toEqual(['hello', 0]);
    own.destroy();
  });

  it('speaks HTTP/1.1 to clients without ALPN', async () => {
    expect(jsonOf(await ask(server.h2.url('/echo')))).toMatchObject({ httpVersion: '1.1' });
  });
});
