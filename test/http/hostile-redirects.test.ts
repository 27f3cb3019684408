import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { text } from '../../lib/codec/text.js';
import { basic, bearer } from '../../lib/http/auth.js';
import type { CallOptions } from '../../lib/http/types.js';
import { nowhere, refusedOrigin, type Server, startServer } from '../support/server.js';
import { meet } from './aftermath.js';

let server: Server;
let refused: string;
beforeAll(async () => {
  server = await startServer();
  refused = await refusedOrigin();
});
afterAll(() => server.close());

const away = (to: string, more = ''): string => `/redirect?to=${encodeURIComponent(to)}${more}`;
const options = { api: { auth: [basic('user', 'swordfish')] } };
const failed = (kind: string, more: object = {}): object => ({ values: [], error: { kind, ...more } });

describe('a hostile redirect', () => {
  it.each([
    ...[
      'javascript:alert(1)',
      'data:text/plain,x',
      'file:///etc/passwd',
      'ftp://a/',
      'ws://a/',
      'blob:x',
      'about:blank',
    ],
    ...['unix:/var/run/x', 'http+unix://%2Fvar%2Frun/x', 'gopher://a/', 'mailto:a@b', 'HTTP-X:/a', 'chrome://a', 'x:'],
    ...['http://user:pass@127.0.0.1/', 'http://pass@127.0.0.1/', 'http://[', 'http://a:99999/', 'http://%00/'],
    ...['https://', 'http://a b/', 'http://300.300.300.300/', '//[::1'],
  ])('to %j is refused', async (to) => {
    expect(await meet(away(to), { server, ...options })).toMatchObject(failed('redirect', { retryable: false }));
  });

  it.each([
    ['\t/echo', '/echo'],
    ['?a=b#c', '/redirect?a=b'],
    ['/a/../echo', '/echo'],
    ['./echo', '/echo'],
    ['//{host}/echo', '/echo'],
    ['\\\\{host}\\echo', '/echo'],
    ['http:\\\\{host}/echo', '/echo'],
    ['HTTP://{host}/echo', '/echo'],
    ['/echo/ü?ü', '/echo/%C3%BC?%C3%BC'],
    ['/echo/%zz', '/echo/%zz'],
    ['/echo/%E4', '/echo/%E4'],
  ])('to %j is read as browsers read it', async (to, url) => {
    const { values, error } = await meet(away(to.replace('{host}', `127.0.0.1:${server.port}`)), {
      server,
      ...options,
    });
    if (url.startsWith('/redirect')) expect(error).toMatchObject({ kind: 'status', status: 302 });
    else expect(values).toMatchObject([{ url }]);
  });

  it('in a circle ends', async () => {
    for (const path of ['/redirect/loop', '/redirect/chain?n=1000', away('')]) {
      expect(await meet(path, { server, ...options })).toMatchObject(
        failed('limit', { which: 'redirects', limit: 10 }),
      );
    }
  });

  it('with a body that drips, stalls or never ends is followed all the same', async () => {
    for (const more of ['&drip=100000&interval=5', '&size=100000000', '&drip=1&interval=100000']) {
      expect(await meet(away('/json', more), { server, ...options })).toMatchObject({
        values: [{ ok: true }],
        error: undefined,
      });
    }
  });

  it('to where nobody answers is the error of that place', async () => {
    expect(await meet(away(`${refused}/x`), { server, ...options })).toMatchObject(
      failed('network', { phase: 'connect' }),
    );
    expect(await meet(away(`${nowhere}/x`), { server, ...options })).toMatchObject(failed('network', { phase: 'dns' }));
    expect(await meet(away('/bad/never'), { server, ...options })).toMatchObject(
      failed('timeout', { which: 'headers' }),
    );
    expect(await meet(away('/bad/status-garbage'), { server, ...options })).toMatchObject(failed('protocol'));
  });

  it('is not followed from https to http', async () => {
    const location = `location: ${server.url('/echo')}`;
    expect(location).toContain('http:');
    const { error } = await meet(away(server.secure.url('/echo')), { server, ...options });
    expect(error).toMatchObject({ kind: 'network', phase: 'tls' });
  });
});

describe('a hostile end of an upload', () => {
  const body = 'x'.repeat(3_000_000);
  const uploads: [string, object, CallOptions?][] = [
    ['/upload/reset?after=1000', failed('network')],
    ['/upload/reset?after=1000&how=fin', failed('network')],
    ['/upload/stall?after=1000&ms=1200', failed('timeout')],
    ['/bad/never', failed('timeout', { which: 'headers' })],
    ['/upload/reject?status=200', { error: undefined, values: ['{"rejected":true}'] }],
    ['/upload/reject?keep=1&status=200', { error: undefined, values: ['{"rejected":true}'] }],
    ['/upload/reject?status=413', failed('status', { status: 413 })],
    [away('/echo', '&status=307&size=1000'), { error: undefined }],
    ['/bad/reset-before-head', failed('network')],
  ];

  it.each(uploads)('%s', async (path, expected) => {
    const bodies = [body, new TextEncoder().encode(body), new Blob([body]), () => new Blob([body]).stream()];
    for (const one of bodies) {
      const call = { as: text(), body: one } as CallOptions;
      expect(await meet(path, { server, ...options, method: 'PUT', call })).toMatchObject(expected);
    }
  });

  it('is that of the stream, where it fails, as the same object', async () => {
    const mine = Object.assign(new Error('GET http'), { request: { method: 'GET' } });
    const failing = async function* (): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(10);
      throw mine;
    };
    const { error } = await meet('/upload', { server, method: 'POST', call: { body: failing } });
    expect(error).toBe(mine);
  });

  it('leaves a stream that is not read on', async () => {
    let left = false;
    const endless = async function* (): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield new Uint8Array(10_000);
      } finally {
        left = true;
      }
    };
    const call = { body: endless };
    expect(await meet('/upload/reset?after=100000', { server, method: 'PUT', call })).toMatchObject(failed('network'));
    await expect.poll(() => left).toBe(true);
  });
});

describe('a hostile server of tokens', () => {
  it('does not make calls wait for ever', async () => {
    const api = { auth: [bearer(() => new Promise<string>(() => {}))] };
    expect(await meet('/json', { server, api })).toMatchObject(failed('timeout', { which: 'total' }));
  });

  it('that answers 401 to everything is asked twice', async () => {
    let asked = 0;
    const api = { auth: [bearer(() => [`hunter2-${++asked}`])] };
    expect(await meet('/reply?status=401', { server, api })).toMatchObject(failed('status', { status: 401 }));
    expect(asked).toBe(2);
  });
});
