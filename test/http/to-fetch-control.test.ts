import { getEventListeners } from 'node:events';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type Api, createApi } from '../../lib/http/api.js';
import { apiKey, bearer } from '../../lib/http/auth.js';
import { toFetch } from '../../lib/http/to-fetch.js';
import { type Server, startServer } from '../support/server.js';

interface Echo {
  readonly method: string;
  readonly url: string;
  readonly headers: [string, string][];
  readonly body: { readonly text: string };
}
type Input = Parameters<typeof globalThis.fetch>[0];

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

const echo = async (input: Input, init?: RequestInit): Promise<Echo> =>
  (await (await fetch(input, init)).json()) as Echo;
const field = (from: Echo, name: string): string | undefined => from.headers.find(([key]) => key === name)?.[1];
const thrown = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );
const failure = async (input: Input, init?: RequestInit): Promise<TypeError> => {
  const error = await thrown(fetch(input, init));
  expect(error).toBeInstanceOf(TypeError);
  return error as TypeError;
};
const away = (to: string, more = ''): string => server.url(`/redirect?to=${encodeURIComponent(to)}${more}`);
const bodied = { method: 'POST', body: 'the body' };

describe('a redirect', () => {
  it.each([301, 302, 303, 307, 308])('of status %i is followed', async (status) => {
    const response = await fetch(away('/json?a=b', `&status=${status}`));
    expect([response.status, response.url, response.redirected]).toEqual([200, server.url('/json?a=b'), true]);
    expect(await response.json()).toMatchObject({ ok: true });
  });

  it.each([
    [301, 'POST', 'GET', ''],
    [302, 'POST', 'GET', ''],
    [303, 'POST', 'GET', ''],
    [303, 'PUT', 'GET', ''],
    [303, 'DELETE', 'GET', ''],
    [301, 'PUT', 'PUT', 'the body'],
    [302, 'PATCH', 'PATCH', 'the body'],
    [307, 'POST', 'POST', 'the body'],
    [308, 'PUT', 'PUT', 'the body'],
  ])('of status %i turns %s into %s', async (status, method, then, body) => {
    const headers = { 'content-type': 'my/own', 'content-language': 'nb', 'x-a': '1' };
    const got = await echo(away('/echo', `&status=${status}`), { method, headers, body: 'the body' });
    expect(got).toMatchObject({ method: then, body: { text: body } });
    expect([field(got, 'content-type'), field(got, 'content-language'), field(got, 'x-a')]).toEqual(
      body ? ['my/own', 'nb', '1'] : [undefined, undefined, '1'],
    );
  });

  it('keeps HEAD', async () => {
    for (const status of [301, 302, 303, 307, 308]) {
      const response = await fetch(away('/bytes?size=7', `&status=${status}`), { method: 'HEAD' });
      expect([response.url, response.headers.get('content-length')]).toEqual([server.url('/bytes?size=7'), '7']);
    }
  });

  it.each([300, 304, 305, 306])('is not made of %i', async (status) => {
    expect((await fetch(away('/json', `&status=${status}`))).status).toBe(status);
  });

  it('without a location is an answer, and one that is no URL an error', async () => {
    expect((await fetch(server.url('/redirect?status=302'))).status).toBe(302);
    for (const to of ['http://[', 'data:text/plain,x', 'file:///etc/passwd', 'javascript:alert(1)', 'mailto:a@b']) {
      expect((await failure(away(to))).cause).toMatchObject({ kind: 'redirect' });
    }
  });

  it("is an error with 'error'", async () => {
    for (const status of [301, 302, 303, 307, 308]) {
      expect((await failure(away('/json', `&status=${status}`), { redirect: 'error' })).cause).toMatchObject({
        kind: 'redirect',
      });
    }
    expect((await fetch(server.url('/json'), { redirect: 'error' })).ok).toBe(true);
  });

  it("is the answer with 'manual'", async () => {
    const response = await fetch(away('/json'), { redirect: 'manual' });
    expect([response.status, response.headers.get('location'), response.redirected]).toEqual([302, '/json', false]);
    expect(await response.text()).toBe('moved');
  });

  it('of a Request is what it says, unless the second argument does', async () => {
    const request = (): Request => new Request(away('/json'), { redirect: 'error' });
    await failure(request());
    expect((await fetch(request(), { redirect: 'follow' })).status).toBe(200);
    expect((await fetch(request(), { redirect: 'manual' })).status).toBe(302);
    expect((await failure(server.url('/json'), { redirect: 'sideways' as never })).cause).toMatchObject({
      kind: 'config',
    });
  });

  it('is followed 20 times, and not once more', async () => {
    expect((await fetch(server.url('/redirect/chain?n=20&to=/json'))).status).toBe(200);
    expect((await failure(server.url('/redirect/chain?n=21&to=/json'))).cause).toMatchObject({
      kind: 'limit',
      limit: 20,
    });
    await failure(server.url('/redirect/loop'));
    const few = toFetch(api.extend({ limits: { redirects: 3 } }));
    expect((await few(server.url('/redirect/chain?n=3&to=/json'))).status).toBe(200);
    expect(await thrown(few(server.url('/redirect/chain?n=4&to=/json')))).toMatchObject({
      cause: { kind: 'limit', limit: 3 },
    });
  });

  it('to another origin takes along a safelist of fields, and no secret', async () => {
    const secrets = {
      authorization: 'a',
      cookie: 'a=b',
      'proxy-authorization': 'a',
      'x-api-key': 'a',
      'x-auth-token': 'a',
    };
    const headers = { ...secrets, 'accept-language': 'nb', 'user-agent': 'mine', range: 'bytes=0-' };
    const got = await echo(away(server.other.url('/echo')), { headers });
    for (const name of Object.keys(secrets)) expect(field(got, name)).toBeUndefined();
    expect([field(got, 'accept-language'), field(got, 'user-agent'), field(got, 'range')]).toEqual([
      'nb',
      'mine',
      'bytes=0-',
    ]);
    const home = await echo(away('/echo'), { headers: { authorization: 'a', 'x-api-key': 'a' } });
    expect([field(home, 'authorization'), field(home, 'x-api-key')]).toEqual(['a', 'a']);
    const client = api.extend({
      auth: [bearer('abc'), apiKey('k', 'secret', { in: 'query' })],
      headers: { 'x-home': '1' },
    });
    const left = (await (await toFetch(client)(away(server.other.url('/echo')))).json()) as Echo;
    expect([field(left, 'authorization'), field(left, 'x-home'), left.url]).toEqual([undefined, undefined, '/echo']);
  });

  it('never takes a body to another origin, and a stream nowhere', async () => {
    expect((await failure(away(server.other.url('/echo'), '&status=307'), bodied)).cause).toMatchObject({
      kind: 'redirect',
    });
    const stream = (): RequestInit =>
      ({ method: 'POST', body: new Blob(['x']).stream(), duplex: 'half' }) as RequestInit;
    expect((await failure(away('/echo', '&status=307'), stream())).cause).toMatchObject({ kind: 'redirect' });
    expect(await echo(away('/echo', '&status=303'), stream())).toMatchObject({ method: 'GET', body: { text: '' } });
  });
});

describe('a signal', () => {
  const reason = new Error('mine');
  const started = (id: string): Promise<unknown> => server.waitFor((seen) => seen.id === id);

  it('that is aborted already rejects with its reason, and sends nothing', async () => {
    server.reset();
    expect(await thrown(fetch(server.url('/json'), { signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect(await thrown(fetch(new Request(server.url('/json'), { signal: AbortSignal.abort(reason) })))).toBe(reason);
    const error = await thrown(fetch(server.url('/json'), { signal: AbortSignal.abort() }));
    expect(error).toBeInstanceOf(DOMException);
    expect((error as DOMException).name).toBe('AbortError');
    expect(server.requests()).toEqual([]);
  });

  it.each([[reason], ['text'], [null], [0], [{ a: 1 }]])(
    'rejects with its reason before the head (%#)',
    async (given) => {
      const controller = new AbortController();
      const promise = thrown(fetch(server.url('/bad/never?id=before-head'), { signal: controller.signal }));
      await started('before-head');
      controller.abort(given);
      expect(await promise).toBe(given);
      await server.closed('before-head');
      server.reset();
    },
  );

  it('breaks the body with its reason', async () => {
    const controller = new AbortController();
    const response = await fetch(server.url('/drip?bytes=endless&id=in-body'), { signal: controller.signal });
    const reader = response.body!.getReader();
    await reader.read();
    const pending = thrown(reader.read().then(() => reader.read()));
    controller.abort(reason);
    expect(await pending).toBe(reason);
    expect(await thrown(reader.closed)).toBe(reason);
    expect((await server.closed('in-body')).state).toBe('aborted');
  });

  it('breaks a body that nobody reads yet, and text() after it', async () => {
    const controller = new AbortController();
    const response = await fetch(server.url('/ndjson?rows=endless&size=1000&id=unread'), { signal: controller.signal });
    controller.abort(reason);
    expect(await thrown(response.text())).toBe(reason);
    expect((await server.closed('unread')).state).toBe('aborted');
  });

  it('does nothing once the body is complete', async () => {
    const controller = new AbortController();
    const response = await fetch(server.url('/json'), { signal: controller.signal });
    expect(await response.json()).toMatchObject({ ok: true });
    controller.abort(reason);
    expect(response.bodyUsed).toBe(true);
    const kept = await fetch(server.url('/json'), { signal: new AbortController().signal });
    expect(kept.ok).toBe(true);
  });

  it('of a Request counts, unless the second argument has one or null', async () => {
    const aborted = (): Request => new Request(server.url('/json'), { signal: AbortSignal.abort(reason) });
    expect(await thrown(fetch(aborted(), {}))).toBe(reason);
    expect((await fetch(aborted(), { signal: null })).ok).toBe(true);
    expect((await fetch(aborted(), { signal: new AbortController().signal })).ok).toBe(true);
    const controller = new AbortController();
    const request = new Request(server.url('/bad/never'), { signal: controller.signal });
    const promise = thrown(fetch(request));
    controller.abort(reason);
    expect(await promise).toBe(reason);
  });

  it('that times out rejects with a TimeoutError', async () => {
    const error = await thrown(fetch(server.url('/bad/never'), { signal: AbortSignal.timeout(20) }));
    expect(error).toMatchObject({ name: 'TimeoutError' });
  });

  it('that is none is a TypeError', async () => {
    for (const signal of [{}, 'x', 7]) await failure(server.url('/json'), { signal: signal as never });
  });

  it('keeps no listener', async () => {
    const { signal } = new AbortController();
    for (let n = 0; n < 50; n++) await (await fetch(server.url('/json'), { signal })).text();
    await Promise.all(
      Array.from({ length: 20 }, () =>
        thrown(fetch(server.url('/bad/reset-mid-body'), { signal }).then((r) => r.text())),
      ),
    );
    await (await fetch(server.url('/drip?bytes=endless'), { signal })).body!.cancel();
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('ends an upload', async () => {
    const controller = new AbortController();
    let left = false;
    const body = new ReadableStream({
      pull: (to) => to.enqueue(new Uint8Array(10_000)),
      cancel: () => void (left = true),
    });
    const init = { method: 'POST', body, duplex: 'half', signal: controller.signal } as RequestInit;
    const promise = thrown(fetch(server.url('/upload/slow?rate=100000&id=uploading'), init));
    await started('uploading');
    controller.abort(reason);
    expect(await promise).toBe(reason);
    await expect.poll(() => left).toBe(true);
  });
});
