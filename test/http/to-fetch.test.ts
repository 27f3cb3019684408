import { map } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type Api, createApi } from '../../lib/http/api.js';
import { bearer } from '../../lib/http/auth.js';
import { toFetch } from '../../lib/http/to-fetch.js';
import type { Layer } from '../../lib/http/types.js';
import { refusedOrigin, type Server, startServer } from '../support/server.js';

let server: Server;
let api: Api;
let fetch: typeof globalThis.fetch;
beforeAll(async () => {
  server = await startServer();
  api = createApi({ baseUrl: server.origin });
  fetch = toFetch(api);
});
afterAll(async () => {
  await api.close();
  await server.close();
});

const failure = async (promise: Promise<unknown>): Promise<TypeError & { readonly cause: unknown }> => {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(TypeError);
  return error as TypeError & { readonly cause: unknown };
};

describe('a response', () => {
  it.each([200, 201, 203, 206, 299, 300, 400, 401, 404, 418, 429, 500, 501, 503, 599])(
    'of status %i resolves, and tells so',
    async (status) => {
      const response = await fetch(server.url(`/reply?status=${status}&body=here`));
      expect(response).toBeInstanceOf(Response);
      expect([response.status, response.ok]).toEqual([status, status < 300]);
      expect(await response.text()).toBe('here');
    },
  );

  it('has the reason that the server gave', async () => {
    expect((await fetch(server.url('/reply?status=404&reason=Gone%20fishing'))).statusText).toBe('Gone fishing');
    expect((await fetch(server.url('/bad/status-without-reason'))).statusText).toBe('');
  });

  it('has the URL without its fragment, and says whether it was redirected', async () => {
    const plain = await fetch(server.url('/json#part'));
    expect([plain.url, plain.redirected]).toEqual([server.url('/json'), false]);
    const moved = await fetch(server.url('/redirect?to=/json%23part'));
    expect([moved.url, moved.redirected]).toEqual([server.url('/json'), true]);
  });

  it('has all header fields, in any case, and one entry per Set-Cookie', async () => {
    const { headers } = await fetch(server.url('/headers/duplicate'));
    expect(headers).toBeInstanceOf(Headers);
    expect([headers.get('X-Twice'), headers.get('x-twice'), headers.has('X-TWICE')]).toEqual([
      'one, two',
      'one, two',
      true,
    ]);
    expect(headers.get('x-none')).toBeNull();
    const cookies = (await fetch(server.url('/headers/cookies'))).headers.getSetCookie();
    expect(cookies).toHaveLength(3);
    expect(cookies[2]).toBe('third=a,b=c; Path=/');
  });

  it('resolves at the head, while the body is still to come', async () => {
    const response = await fetch(server.url('/bad/stall-after-head?id=at-head'));
    expect(response.status).toBe(200);
    expect(server.requests().find(({ id }) => id === 'at-head')?.state).toBe('open');
    await response.body!.cancel();
    expect((await server.closed('at-head')).state).toBe('aborted');
  });

  it.each([
    ['/no-content', 204],
    ['/no-content?status=205', 205],
    ['/no-content?status=304', 304],
  ])('of %s has a null body', async (path, status) => {
    const response = await fetch(server.url(path));
    expect([response.status, response.body, await response.text()]).toEqual([status, null, '']);
  });

  it('to HEAD has a null body and all fields', async () => {
    const response = await fetch(server.url('/bytes?size=1000'), { method: 'HEAD' });
    expect([response.body, response.headers.get('content-length')]).toEqual([null, '1000']);
    expect(await response.text()).toBe('');
  });

  it('with a status that no Response can have is a TypeError', async () => {
    expect((await failure(fetch(server.url('/bad/status-600')))).message).toMatch(/cannot be a Response/);
    await expect.poll(() => server.busy()).toBe(0);
  });

  it('with a reason in Latin-1 comes through', async () => {
    const send = encodeURIComponent('HTTP/1.1 200 Tr\u00e8s bien\r\ncontent-length: 0\r\n\r\n');
    expect((await fetch(server.url(`/raw?then=keep&send=${send}`))).status).toBe(200);
  });
});

describe('the body of a response', () => {
  it('is read as text, JSON, bytes, a blob, a form or a stream', async () => {
    const get = (path = '/json'): Promise<Response> => fetch(server.url(path));
    expect(await (await get()).text()).toBe('{"ok":true,"list":[1,2,3],"text":"€"}');
    expect(await (await get()).json()).toEqual({ ok: true, list: [1, 2, 3], text: '€' });
    expect((await (await get()).arrayBuffer()).byteLength).toBe(39);
    const blob = await (await get()).blob();
    expect([blob.size, blob.type]).toEqual([39, 'application/json']);
    const form = await get('/reply?type=application/x-www-form-urlencoded&body=a%3Db%26a%3Dc');
    expect((await form.formData()).getAll('a')).toEqual(['b', 'c']);
    const pieces: number[] = [];
    for await (const piece of (await get('/bytes?size=200000')).body!) pieces.push((piece as Uint8Array).length);
    expect(pieces.reduce((sum, length) => sum + length, 0)).toBe(200_000);
    expect(await (await get('/text/invalid-utf8')).text()).toBe('a\ufffd\ufffd(\ufffd\ufffd\ufffdb');
    await expect((await get('/json/invalid')).json()).rejects.toBeInstanceOf(SyntaxError);
  });

  it('is read once', async () => {
    const response = await fetch(server.url('/json'));
    expect(response.bodyUsed).toBe(false);
    await response.text();
    expect(response.bodyUsed).toBe(true);
    await failure(response.text());
  });

  it('can be cloned before it is read, and the clone is as complete', async () => {
    const response = await fetch(server.url('/redirect?to=/bytes?size=300000'));
    const clone = response.clone();
    const again = clone.clone();
    expect([clone.url, clone.redirected, again.url]).toEqual([response.url, true, response.url]);
    const sizes = await Promise.all([response, clone, again].map(async (one) => (await one.arrayBuffer()).byteLength));
    expect(sizes).toEqual([300_000, 300_000, 300_000]);
    expect(() => response.clone()).toThrow(TypeError);
  });

  it('is decoded, whatever it was encoded with', async () => {
    for (const as of ['gzip', 'deflate', 'br']) {
      const response = await fetch(server.url(`/encoded?as=${as}`));
      expect([await response.json(), response.headers.get('content-encoding')]).toEqual([{ encoded: true }, as]);
    }
  });

  it('is pulled: a server that is not read is held back', async () => {
    const response = await fetch(server.url('/ndjson?rows=endless&size=1000&id=pulled'));
    const held = await server.waitFor(({ id, heldMs }) => id === 'pulled' && heldMs > 200, 8000);
    expect(held.flushed).toBeLessThan(20_000_000);
    const reader = response.body!.getReader();
    for (let read = 0; read < 1_000_000;) read += (await reader.read()).value!.length;
    await reader.cancel('enough');
    expect((await server.closed('pulled')).state).toBe('aborted');
  });

  it('is cancelled down to the socket, and does not stop other calls', async () => {
    const response = await fetch(server.url('/drip?bytes=endless&id=cancelled'));
    await response.body!.cancel();
    expect((await server.closed('cancelled')).state).toBe('aborted');
    expect((await fetch(server.url('/json'))).ok).toBe(true);
  });

  it.each([
    ['/bad/reset-mid-body', 'network'],
    ['/bad/fin-mid-body', 'network'],
    ['/bad/fin-mid-chunk', 'network'],
    ['/bad/chunk-without-crlf', 'protocol'],
    ['/encoded?as=gzip&damage=truncate', 'decode'],
    ['/encoded?as=identity&header=gzip', 'decode'],
  ])('that breaks (%s) rejects with a TypeError whose cause tells why', async (path, kind) => {
    const read = async (): Promise<unknown> => (await fetch(server.url(path))).text();
    expect((await failure(read())).cause).toMatchObject({ kind });
  });

  it('that falls silent rejects', async () => {
    const impatient = toFetch(api.extend({ timeouts: { idleMs: 50 } }));
    const response = await impatient(server.url('/bad/stall-mid-body'));
    expect((await failure(response.text())).cause).toMatchObject({ kind: 'timeout', which: 'idle' });
  });

  it('gives what came before it broke', async () => {
    const reader = (await fetch(server.url('/bad/fin-mid-body'))).body!.getReader();
    const first = await reader.read();
    expect(new TextDecoder().decode(first.value)).toBe('first ten.');
    await failure(reader.read());
  });

  it('that is small frees its connection, although nobody reads it', async () => {
    server.reset();
    for (let n = 0; n < 20; n++) await fetch(server.url('/bytes?size=1000'));
    await expect.poll(() => server.busy()).toBe(0);
    expect(new Set(server.requests().map(({ connection }) => connection)).size).toBeLessThan(20);
  });

  it('is not bounded by limits.bodyBytes or totalMs, which are for calls', async () => {
    const small = toFetch(api.extend({ limits: { bodyBytes: 10 }, timeouts: { totalMs: 300, attemptMs: 300 } }));
    const response = await small(server.url('/drip?bytes=30&interval=20'));
    expect(await response.text()).toHaveLength(30);
  });
});

describe('what goes wrong', () => {
  it('before the head is a TypeError whose cause is the ApiError', async () => {
    const refused = await refusedOrigin();
    const cases: [string, object][] = [
      [`${refused}/`, { kind: 'network', phase: 'connect' }],
      [server.url('/bad/reset-before-head'), { kind: 'network', phase: 'receive' }],
      [server.url('/bad/status-garbage'), { kind: 'protocol' }],
      [server.url('/headers/long?bytes=100000'), { kind: 'limit', which: 'headerBytes' }],
    ];
    for (const [url, cause] of cases) {
      const error = await failure(fetch(url));
      expect(error.cause).toMatchObject(cause);
      expect(error.message).toMatch(/^GET http/);
    }
    const impatient = toFetch(api.extend({ timeouts: { headersMs: 50 } }));
    expect((await failure(impatient(server.url('/bad/never')))).cause).toMatchObject({
      kind: 'timeout',
      which: 'headers',
    });
  });

  it('is not retried, unless the api says retry', async () => {
    expect((await fetch(server.url('/flaky?key=fetch-1&fail=2&status=503'))).status).toBe(503);
    await failure(fetch(server.url('/flaky?key=fetch-2&fail=2&how=reset')));
    expect([server.attempts('fetch-1'), server.attempts('fetch-2')]).toEqual([1, 1]);
    const retrying = toFetch(api.extend({ retry: { backoff: () => 1 } }));
    expect((await retrying(server.url('/flaky?key=fetch-3&fail=2&how=reset'))).status).toBe(200);
    expect(server.attempts('fetch-3')).toBe(3);
    await failure(toFetch(api.extend({ retry: false }))(server.url('/flaky?key=fetch-4&how=reset')));
  });
});

describe('the machinery of the api', () => {
  it('is used: base URL, headers, credentials, layers', async () => {
    const seen: string[] = [];
    const layer: Layer = (request, next) => next(request).pipe(map((event) => (seen.push(event.type), event)));
    const client = api.extend({ headers: { 'x-a': '1' }, auth: [bearer(() => ['abc'])], layers: [layer] });
    const response = await toFetch(client)('/echo');
    const { headers } = (await response.json()) as { headers: [string, string][] };
    expect(headers).toEqual(
      expect.arrayContaining([
        ['x-a', '1'],
        ['authorization', 'Bearer abc'],
      ]),
    );
    expect(seen).toEqual(expect.arrayContaining(['sent', 'head', 'value', 'response']));
    const missing = await toFetch(client)(server.url('/reply?status=404&reason=Lost&body=gone'));
    expect([missing.status, missing.statusText, await missing.text()]).toEqual([404, 'Lost', 'gone']);
  });

  it('refreshes a token once, and gives the second answer', async () => {
    const issue = async (): Promise<string> =>
      ((await (await fetch(server.url('/auth/token?key=fetch'))).json()) as { access_token: string }).access_token;
    const authorised = toFetch(api.extend({ auth: [bearer(issue)] }));
    expect((await authorised('/auth/bearer?key=fetch')).status).toBe(200);
    await fetch(server.url('/auth/expire?key=fetch'));
    const again = await authorised('/auth/bearer?key=fetch', { method: 'POST', body: 'once more' });
    expect(await again.json()).toEqual({ given: 'Bearer token-2', body: 'once more' });
  });

  it('serves many at once', async () => {
    const sizes = Array.from({ length: 200 }, (_, n) => n * 100);
    const read = async (size: number): Promise<number> =>
      (await (await fetch(server.url(`/bytes?size=${size}`))).arrayBuffer()).byteLength;
    expect(await Promise.all(sizes.map(read))).toEqual(sizes);
  });
});
