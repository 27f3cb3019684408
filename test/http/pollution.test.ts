import { firstValueFrom } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { ndjson } from '../../lib/codec/ndjson.js';
import { type Api, createApi } from '../../lib/http/api.js';
import { toFetch } from '../../lib/http/to-fetch.js';
import { failure } from '../support/outcome.js';
import { type Server, startServer } from '../support/server.js';

describe('a polluted prototype', () => {
  const polluted = Object.prototype as unknown as Record<string, unknown>;
  // Not `signal`, which stops the test server: node's own sockets take it from there.
  const evil: Record<string, unknown> = {
    ...{ baseUrl: 'http://evil.test', absolute: 'allow', headers: { evil: '1' }, auth: ['evil'], cookies: 'include' },
    ...{ cache: 'evil', keepalive: true, layers: ['evil'], attemptLayers: ['evil'], retry: 'evil', timeouts: 'evil' },
    ...{
      limits: 'evil',
      transport: 'evil',
      clock: 'evil',
      random: 'evil',
      path: '/evil',
      query: { evil: 1 },
      body: 'evil',
    },
    ...{ as: 'evil', idempotencyKey: 'evil', context: 'evil', redirects: 'error', method: 'PUT' },
    ...{ bodyBytes: 1, errorBodyBytes: 1, lineBytes: 1, encodings: 0, headerBytes: 1, queueMs: 1e-9, headersMs: 1e-9 },
    ...{ idleMs: 1e-9, attemptMs: 1e-9, totalMs: 1e-9, attempts: 99, backoff: 'evil', when: 'evil', budget: 'evil' },
    ...{ maxRetryAfterMs: 1, capacity: 0, earn: 0, schema: 'evil', many: false, onInvalid: 'evil', accept: 'evil' },
    ...{
      cause: 'evil',
      request: 'evil',
      retryable: true,
      attempt: 99,
      url: 'http://evil.test',
      type: 'evil',
      status: 500,
    },
    ...{
      socketPath: '/evil',
      localAddress: '1.2.3.4',
      upgrade: 'evil',
      expectContinue: true,
      servername: 'evil',
      reset: true,
    },
    ...{
      maxRedirections: 5,
      throwOnError: true,
      maxResponseSize: 1,
      interceptors: 'evil',
      integrity: 'evil',
      mode: 'evil',
    },
  };

  let server: Server;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.close());

  const asked = async (client: Api): Promise<unknown> => {
    const echo = await firstValueFrom(client.post<{ headers: [string, string][] }>('/echo', { body: { a: 1 } }));
    const rows = await firstValueFrom(client.get('/ndjson?rows=2', { as: ndjson() }).response());
    const fetched = await toFetch(client)(server.url('/echo'), {});
    expect(JSON.stringify([echo, rows.body, await fetched.json()])).not.toContain('evil');
    return { ...echo, headers: echo.headers.map(([name]) => name), connection: 0 };
  };

  it.each(Object.keys(evil))('with %s reaches nothing', async (key) => {
    const before = createApi({ baseUrl: server.origin });
    const expected = await asked(before);
    polluted[key] = evil[key];
    try {
      const client = createApi({ baseUrl: server.origin, retry: {}, timeouts: {}, limits: {} });
      expect(await asked(client)).toEqual(expected);
      expect(await asked(client.extend({}))).toEqual(expected);
      await client.close();
    } finally {
      delete polluted[key];
    }
    await before.close();
  });

  it('is not polluted by keys that JSON.parse makes', async () => {
    const json = JSON.parse('{"__proto__": {"evil": "1"}, "constructor": {"prototype": {"evil": "1"}}}') as object;
    expect(() => createApi(json)).toThrowError(
      expect.objectContaining({ kind: 'config', field: 'createApi.__proto__' }),
    );
    const api = createApi({ baseUrl: server.origin });
    expect(await failure(api.get('/echo', json))).toMatchObject({ kind: 'config', field: 'options.__proto__' });
    for (const name of ['timeouts', 'limits', 'retry']) {
      const field = { kind: 'config', field: `${name}.__proto__` };
      expect(() => api.extend({ [name]: json })).toThrowError(expect.objectContaining(field));
      expect(await failure(api.get('/echo', { [name]: json }))).toMatchObject(field);
    }
    const proto = JSON.parse('{"__proto__": "x"}') as Record<string, string>;
    const client = createApi({ baseUrl: server.origin, headers: proto });
    const options = { query: proto, body: proto, headers: proto, context: proto, path: proto };
    const echo = await firstValueFrom(
      client.post<{ url: string; body: { text: string } }>('/echo/{__proto__}', options),
    );
    expect(echo).toMatchObject({ url: '/echo/x?__proto__=x', body: { text: '{"__proto__":"x"}' } });
    expect((await firstValueFrom(client.get<{ url: string }>('/echo'))).url).toBe('/echo');
    expect('evil' in {}).toBe(false);
    await client.close();
  });
});
