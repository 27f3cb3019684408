import { firstValueFrom } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type Api, createApi } from '../../lib/http/api.js';
import { basic, bearer } from '../../lib/http/auth.js';
import { failure } from '../support/outcome.js';
import { type Server, startServer } from '../support/server.js';

interface Echo {
  readonly method: string;
  readonly headers: [string, string][];
  readonly body: { readonly text: string };
}

let server: Server;
let api: Api;
beforeAll(async () => {
  server = await startServer();
  api = createApi({ baseUrl: server.origin, retry: false });
});
afterAll(async () => {
  await api.close();
  await server.close();
});

const away = (status: number, to: string): string => `/redirect?status=${status}&to=${encodeURIComponent(to)}`;
const field = (echo: Echo, name: string): string | undefined => echo.headers.find(([key]) => key === name)?.[1];

describe('a redirect', () => {
  it.each([
    [301, 'POST', 'GET'],
    [302, 'POST', 'GET'],
    [303, 'POST', 'GET'],
    [303, 'PUT', 'GET'],
    [301, 'PUT', 'PUT'],
    [302, 'DELETE', 'DELETE'],
    [307, 'POST', 'POST'],
    [308, 'PUT', 'PUT'],
  ])('with %i turns %s into %s', async (status, method, then) => {
    const body = then === 'GET' ? '' : 'the body';
    const echo = await firstValueFrom(api.request<Echo>(method, away(status, '/echo'), { body: 'the body' }));
    expect(echo).toMatchObject({ method: then, body: { text: body } });
    expect(field(echo, 'content-type')).toBe((body && 'text/plain;charset=UTF-8') || undefined);
  });

  it.each([300, 304, 305])('is not made of %i', async (status) => {
    expect(await failure(api.get(away(status, '/echo')))).toMatchObject({ kind: 'status', status });
  });

  it('carries only a safelist of fields to another origin, and none of the credentials', async () => {
    const client = api.extend({ auth: [basic('me', 'secret')], headers: { 'x-api-key': 'k', 'user-agent': 'ua' } });
    const options = {
      headers: { authorization: 'by hand', cookie: 'a=b', 'x-auth-token': 't', 'accept-language': 'nb' },
    };
    const home = await firstValueFrom(client.get<Echo>(away(302, '/echo')));
    expect(field(home, 'authorization')).toMatch(/^Basic /);
    const echo = await firstValueFrom(
      api.extend({ headers: { 'x-api-key': 'k' } }).get<Echo>(away(302, server.other.url('/echo')), options),
    );
    expect(echo.headers.map(([name]) => name)).not.toEqual(expect.arrayContaining(['x-api-key']));
    for (const name of ['authorization', 'cookie', 'x-auth-token', 'x-api-key'])
      expect(field(echo, name)).toBeUndefined();
    expect(field(echo, 'accept-language')).toBe('nb');
  });

  it('takes along a credential that is bound to the other origin', async () => {
    const client = api.extend({ auth: [bearer('home'), bearer('away', { origins: [server.other.origin] })] });
    expect(field(await firstValueFrom(client.get<Echo>('/echo')), 'authorization')).toBe('Bearer home');
    const echo = await firstValueFrom(client.get<Echo>(away(302, server.other.url('/echo'))));
    expect(field(echo, 'authorization')).toBe('Bearer away');
  });

  it('never carries a body to another origin', async () => {
    const error = await failure(api.post(away(307, server.other.url('/echo')), { body: 'secret' }));
    expect(error).toMatchObject({ kind: 'redirect', message: expect.stringContaining('body') as string });
  });

  it.each([
    'javascript:alert(1)',
    'data:text/plain,x',
    'file:///etc/passwd',
    'ftp://127.0.0.1/',
    'unix:/tmp/socket',
    'http://user:pass@127.0.0.1/',
    'http://[',
  ])('to %s is refused', async (to) => {
    expect(await failure(api.get(away(302, to)))).toMatchObject({ kind: 'redirect' });
  });

  it('with two locations is refused', async () => {
    expect(await failure(api.get('/redirect?to=/echo&to=/json'))).toMatchObject({ kind: 'redirect' });
  });

  it('without a location is an answer like any other', async () => {
    expect(await failure(api.get('/redirect?status=302'))).toMatchObject({ kind: 'status', status: 302 });
  });

  it('is followed at most limits.redirects times', async () => {
    expect(await failure(api.get('/redirect/loop'))).toMatchObject({ kind: 'limit', which: 'redirects', limit: 10 });
    expect(await failure(api.get('/redirect/chain?n=3', { limits: { redirects: 2 } }))).toMatchObject({
      kind: 'limit',
    });
    expect(await firstValueFrom(api.get<Echo>('/redirect/chain?n=3', { limits: { redirects: 3 } }))).toMatchObject({
      method: 'GET',
    });
  });

  it("is an error with redirects: 'error' and an answer with 'manual'", async () => {
    expect(await failure(api.get(away(302, '/echo'), { redirects: 'error' }))).toMatchObject({ kind: 'redirect' });
    expect(await failure(api.get(away(302, '/echo'), { redirects: 'manual' }))).toMatchObject({
      kind: 'status',
      status: 302,
    });
  });

  it('with a huge body is followed without reading it all', async () => {
    const echo = await firstValueFrom(api.get<Echo>('/redirect?to=/echo&size=100000000&id=huge'));
    expect(echo.method).toBe('GET');
    expect((await server.waitFor(({ id, state }) => id === 'huge' && state !== 'open')).wrote).toBeLessThan(50_000_000);
  });
});
