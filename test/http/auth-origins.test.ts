import { firstValueFrom, of } from 'rxjs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { type Api, createApi } from '../../lib/http/api.js';
import { apiKey, basic, bearer, xsrf } from '../../lib/http/auth.js';
import type { Layer } from '../../lib/http/types.js';
import { failure } from '../support/outcome.js';
import { type Server, startServer } from '../support/server.js';

interface Echo {
  readonly url: string;
  readonly headers: [string, string][];
}

let server: Server;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

const apis: Api[] = [];
const create: typeof createApi = (options) => {
  const api = createApi({ retry: false, ...options });
  apis.push(api);
  return api;
};
afterEach(async () => {
  await Promise.all(apis.splice(0).map((api) => api.close()));
});

const get = (api: Api, path: string): Promise<Echo> => firstValueFrom(api.get<Echo>(path));
const field = (echo: Echo, name: string): string | undefined => echo.headers.find(([key]) => key === name)?.[1];
const away = (to: string): string => `/redirect?to=${encodeURIComponent(to)}`;

describe('a credential', () => {
  it('belongs to the origin of baseUrl', async () => {
    const api = create({ baseUrl: server.origin, absolute: 'allow', auth: [bearer('home')] });
    expect(field(await get(api, '/echo'), 'authorization')).toBe('Bearer home');
    expect(field(await get(api, server.other.url('/echo')), 'authorization')).toBeUndefined();
    expect(field(await get(api, server.url('/echo')), 'authorization')).toBe('Bearer home');
  });

  it('needs to be told its origins where there is no baseUrl', async () => {
    for (const auth of [bearer('a'), bearer(() => of('a')), basic('a', 'b'), apiKey('x', 'y')]) {
      expect(() => create({ auth: [auth] })).toThrowError(
        expect.objectContaining({ kind: 'config', field: 'auth[0].origins' }),
      );
    }
    const api = create({ auth: [bearer('named', { origins: [`${server.origin}/any/path?is=ignored`] })] });
    expect(field(await get(api, server.url('/echo')), 'authorization')).toBe('Bearer named');
    expect(field(await get(api, server.other.url('/echo')), 'authorization')).toBeUndefined();
  });

  it('goes nowhere with an empty list of origins', async () => {
    const api = create({ baseUrl: server.origin, auth: [bearer('a', { origins: [] })] });
    expect(field(await get(api, '/echo'), 'authorization')).toBeUndefined();
  });

  it('stays behind when a client is extended with another baseUrl', async () => {
    const home = create({ baseUrl: server.origin, auth: [bearer('home'), apiKey('k', 'home', { in: 'query' })] });
    const other = home.extend({ baseUrl: server.other.origin });
    const echo = await get(other, '/echo');
    expect(field(echo, 'authorization')).toBeUndefined();
    expect(echo.url).toBe('/echo');
    const back = await get(home, '/echo');
    expect([field(back, 'authorization'), back.url]).toEqual(['Bearer home', '/echo?k=home']);
    const own = home.extend({ baseUrl: server.other.origin, auth: [bearer('other')] });
    expect(field(await get(own, '/echo'), 'authorization')).toBe('Bearer other');
  });

  it('is not carried off by a layer that rewrites the URL', async () => {
    const rewriting: Layer = (request, next) => next({ ...request, url: server.other.url('/echo') });
    for (const layers of [{ layers: [rewriting] }, { attemptLayers: [rewriting] }]) {
      const api = create({ baseUrl: server.origin, auth: [bearer('home')], headers: { 'x-home': 'yes' }, ...layers });
      const echo = await get(api, '/anything');
      expect(field(echo, 'host')).toBe(`127.0.0.1:${server.other.port}`);
      expect([field(echo, 'authorization'), field(echo, 'x-home')]).toEqual([undefined, undefined]);
    }
  });

  it('comes back with a redirect to its own origin', async () => {
    const api = create({ baseUrl: server.origin, auth: [bearer('home'), apiKey('X-Key', 'k')] });
    const echo = await get(api, away(server.other.url(away(server.url('/echo')))));
    expect([field(echo, 'authorization'), field(echo, 'x-key')]).toEqual(['Bearer home', 'k']);
    const left = await get(api, away(server.other.url('/echo')));
    expect([field(left, 'authorization'), field(left, 'x-key')]).toEqual([undefined, undefined]);
  });

  it('tells ports and host names apart', async () => {
    const api = create({ auth: [bearer('a', { origins: [server.origin] })] });
    for (const site of [server.other, server.third]) {
      expect(field(await get(api, site.url('/echo')), 'authorization')).toBeUndefined();
    }
  });

  it('is not asked for a token where it does not belong', async () => {
    let asked = 0;
    const token = (): string[] => [`token-${++asked}`];
    const api = create({ baseUrl: server.origin, absolute: 'allow', auth: [bearer(token)] });
    await get(api, server.other.url('/echo'));
    expect(asked).toBe(0);
    expect(await failure(api.get(server.other.url('/auth/bearer?key=foreign')))).toMatchObject({ status: 401 });
    expect(asked).toBe(0);
  });
});

describe("a client's header fields", () => {
  it('go to the origin of baseUrl only', async () => {
    const api = create({ baseUrl: server.origin, absolute: 'allow', headers: { 'x-home': 'yes' } });
    expect(field(await get(api, '/echo'), 'x-home')).toBe('yes');
    expect(field(await get(api, server.other.url('/echo')), 'x-home')).toBeUndefined();
    const other = api.extend({ baseUrl: server.other.origin, headers: { 'x-other': 'yes' } });
    const echo = await get(other, '/echo');
    expect([field(echo, 'x-home'), field(echo, 'x-other')]).toEqual([undefined, 'yes']);
  });

  it("leave those of a call alone, which belong to that call's origin", async () => {
    const api = create({ baseUrl: server.origin, absolute: 'allow' });
    const echo = await firstValueFrom(api.get<Echo>(server.other.url('/echo'), { headers: { 'x-own': 'yes' } }));
    expect(field(echo, 'x-own')).toBe('yes');
  });
});

describe('xsrf', () => {
  const page = globalThis as { location?: unknown; document?: unknown };
  const onPage = (origin: string, cookie: string): void => {
    page.location = { origin, href: `${origin}/` };
    page.document = { cookie };
  };
  afterEach(() => {
    delete page.location;
    delete page.document;
  });
  const send = (api: Api, method: string, path = '/echo'): Promise<Echo> =>
    firstValueFrom(api.request<Echo>(method, path));

  it.each(['POST', 'PUT', 'PATCH', 'DELETE'])('echoes the cookie with %s', async (method) => {
    onPage(server.origin, 'a=b; XSRF-TOKEN=t%20%2B=; c=d');
    const api = create({ baseUrl: server.origin, auth: [xsrf()] });
    expect(field(await send(api, method), 'x-xsrf-token')).toBe('t +=');
  });

  it.each(['GET', 'HEAD'])('is not sent with %s, which changes nothing', async (method) => {
    onPage(server.origin, 'XSRF-TOKEN=t');
    const api = create({ baseUrl: server.origin, auth: [xsrf()] });
    server.reset();
    await firstValueFrom(api.request(method, '/json'));
    expect(server.requests()[0]?.headers.map(([name]) => name)).not.toContain('x-xsrf-token');
  });

  it('takes other names', async () => {
    onPage(server.origin, 'csrf=t');
    const api = create({ baseUrl: server.origin, auth: [xsrf({ cookie: 'csrf', header: 'X-CSRF' })] });
    expect(field(await send(api, 'POST'), 'x-csrf')).toBe('t');
  });

  it.each(['', 'other=1', 'xsrf-token=t', 'XSRF-TOKEN-2=t', 'MY-XSRF-TOKEN=t'])(
    'sends nothing for %j',
    async (cookie) => {
      onPage(server.origin, cookie);
      const api = create({ baseUrl: server.origin, auth: [xsrf()] });
      expect(field(await send(api, 'POST'), 'x-xsrf-token')).toBeUndefined();
    },
  );

  it('does not leave the origin of the page', async () => {
    onPage(server.origin, 'XSRF-TOKEN=t');
    const api = create({ baseUrl: server.other.origin, auth: [xsrf()] });
    expect(field(await send(api, 'POST'), 'x-xsrf-token')).toBeUndefined();
    const here = create({ baseUrl: server.origin, absolute: 'allow', auth: [xsrf()] });
    expect(field(await send(here, 'POST', server.other.url('/echo')), 'x-xsrf-token')).toBeUndefined();
    const redirected = await send(here, 'DELETE', away(server.other.url('/echo')));
    expect(field(redirected, 'x-xsrf-token')).toBeUndefined();
    expect(field(await send(here, 'DELETE', away('/echo')), 'x-xsrf-token')).toBe('t');
  });

  it('is decided below a layer that rewrites the URL', async () => {
    onPage(server.origin, 'XSRF-TOKEN=t');
    const rewriting: Layer = (request, next) => next({ ...request, url: server.other.url('/echo') });
    const api = create({ baseUrl: server.origin, auth: [xsrf()], layers: [rewriting] });
    expect(field(await send(api, 'POST'), 'x-xsrf-token')).toBeUndefined();
  });

  it('sends nothing where there is no page', async () => {
    const api = create({ baseUrl: server.origin, auth: [xsrf()] });
    expect(field(await send(api, 'POST'), 'x-xsrf-token')).toBeUndefined();
  });

  it('sends a cookie that is not percent-encoded as it is, and refuses one that would break the line', async () => {
    const api = create({ baseUrl: server.origin, auth: [xsrf()] });
    onPage(server.origin, 'XSRF-TOKEN=100%');
    expect(field(await send(api, 'POST'), 'x-xsrf-token')).toBe('100%');
    onPage(server.origin, 'XSRF-TOKEN=a%0d%0ax-evil: 1');
    expect(await failure(api.post('/echo'))).toMatchObject({ kind: 'config', field: 'cookie XSRF-TOKEN' });
  });
});

describe('the options of credentials', () => {
  it.each([
    [() => bearer('a', { origin: ['x'] } as never), 'bearer.origin'],
    [() => basic('a', 'b', { in: 'query' } as never), 'basic.in'],
    [() => apiKey('a', 'b', { In: 'query' } as never), 'apiKey.In'],
    [() => apiKey('a', 'b', { in: 'cookie' } as never), 'apiKey.in'],
    [() => xsrf({ name: 'a' } as never), 'xsrf.name'],
    [() => xsrf({ header: 'a b' }), 'xsrf.header'],
    [() => bearer('a', { origins: 'https://a.test' as never }), 'auth.origins'],
    [() => bearer('a', { origins: ['a.test'] }), 'auth.origins[0]'],
    [() => bearer('a', { origins: ['https://u:p@a.test'] }), 'auth.origins[0]'],
    [() => bearer(undefined as never), 'bearer token'],
    [() => bearer('a', null as never), 'bearer'],
    [() => basic(1 as never, 'b'), 'basic.user'],
    [() => basic('a', undefined as never), 'basic.password'],
    [() => apiKey('', 'b'), 'apiKey'],
    [() => apiKey('', 'b', { in: 'query' }), 'apiKey.name'],
    [() => apiKey('a', 7 as never), 'apiKey.value'],
  ])('are checked (%#)', (make, name) => {
    expect(make).toThrowError(expect.objectContaining({ kind: 'config', field: name }));
  });

  it('do not come from a polluted prototype', async () => {
    const polluted = Object.prototype as unknown as Record<string, unknown>;
    const evil = { origins: [server.other.origin], in: 'query', header: 'x-evil', cookie: 'evil', fetch: 'evil' };
    Object.assign(polluted, evil);
    try {
      const api = create({
        baseUrl: server.origin,
        absolute: 'allow',
        auth: [apiKey('X-Key', 'k'), bearer('t'), xsrf()],
      });
      const echo = await get(api, '/echo');
      expect([field(echo, 'x-key'), field(echo, 'authorization'), echo.url]).toEqual(['k', 'Bearer t', '/echo']);
      const other = await get(api, server.other.url('/echo'));
      expect([field(other, 'x-key'), field(other, 'authorization'), other.url]).toEqual([
        undefined,
        undefined,
        '/echo',
      ]);
      expect(await failure(api.get('/auth/bearer?key=polluted'))).toMatchObject({ status: 401 });
    } finally {
      for (const key of Object.keys(evil)) delete polluted[key];
    }
  });
});
