import {
  catchError,
  concatMap,
  defer,
  delay,
  EMPTY,
  filter,
  finalize,
  firstValueFrom,
  map,
  NEVER,
  Observable,
  of,
  retry,
  take,
  tap,
  throwError,
  timer,
} from 'rxjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { ndjson } from '../../lib/codec/ndjson.js';
import { text } from '../../lib/codec/text.js';
import { type Api, createApi } from '../../lib/http/api.js';
import type { ApiEvent } from '../../lib/http/answer-types.js';
import type { ApiRequest, Layer } from '../../lib/http/types.js';
import { all, failure, outcome } from '../support/outcome.js';
import { type Server, startServer } from '../support/server.js';

interface Echo {
  readonly method: string;
  readonly url: string;
  readonly headers: [string, string][];
  readonly body: { readonly text: string };
}

let server: Server;
let open: Api;
beforeAll(async () => {
  server = await startServer();
  open = createApi({ baseUrl: server.origin, retry: { backoff: () => 1 } });
});
afterAll(async () => {
  await open.close();
  await server.close();
});

let keys = 0;
const flaky = (fail: number): string => `/flaky?key=layers-${++keys}&fail=${fail}`;
const withLayers = (...layers: Layer[]): Api => open.extend({ layers });
const changing = (change: (request: ApiRequest) => Partial<Record<keyof ApiRequest, unknown>>): Layer => {
  return (request, next) => next({ ...request, ...change(request) } as ApiRequest);
};

describe('layers', () => {
  it('run outermost first, once per call, and attempt layers once per attempt', async () => {
    const log: string[] = [];
    const logged =
      (name: string): Layer =>
      (request, next) => {
        log.push(`${name} ${request.attempt} in`);
        return next(request).pipe(finalize(() => log.push(`${name} ${request.attempt} out`)));
      };
    const api = open.extend({
      layers: [logged('a'), logged('b')],
      attemptLayers: [logged('c'), logged('d')],
    });
    await firstValueFrom(api.get(flaky(1)));
    const attempt = (n: number): string[] => [`c ${n} in`, `d ${n} in`, `d ${n} out`, `c ${n} out`];
    expect(log.slice(0, 2)).toEqual(['a 0 in', 'b 0 in']);
    expect(log.filter((line) => /^[cd]/.test(line)).toSorted()).toEqual([...attempt(1), ...attempt(2)].toSorted());
    expect(log.indexOf('d 1 out')).toBeLessThan(log.indexOf('c 2 in'));
    expect(log.slice(-2).toSorted()).toEqual(['a 0 out', 'b 0 out']);
  });

  it('see the request as the caller made it, and a context that is never sent', async () => {
    const seen: ApiRequest[] = [];
    const context = { trace: 'hidden' };
    const api = withLayers((request, next) => (seen.push(request), next(request)));
    const options = { path: { id: 'a b' }, headers: { 'X-A': ['1', '2'] }, body: { c: 1 }, context };
    const echo = await firstValueFrom(api.post<Echo>('/echo/{id}', options));
    context.trace = 'changed later';
    expect(seen[0]).toMatchObject({
      method: 'POST',
      url: server.url('/echo/a%20b'),
      route: '/echo/{id}',
      headers: { accept: 'application/json', 'x-a': '1, 2' },
      body: { c: 1 },
      attempt: 0,
    });
    expect({ ...seen[0]?.context }).toEqual({ trace: 'hidden' });
    expect('toString' in seen[0]!.context).toBe(false);
    expect(JSON.stringify(echo)).not.toContain('hidden');
  });

  it('change what is sent', async () => {
    const api = withLayers(
      changing(({ headers }) => ({ headers: { ...headers, 'x-layer': 'yes' } })),
      changing(() => ({ method: 'put', url: server.url('/echo?by=layer'), body: { by: 'layer' } })),
    );
    const echo = await firstValueFrom(api.post<Echo>('/json', { body: 'caller' }));
    expect(echo).toMatchObject({ method: 'PUT', url: '/echo?by=layer', body: { text: '{"by":"layer"}' } });
    expect(echo.headers).toEqual(
      expect.arrayContaining([
        ['x-layer', 'yes'],
        ['content-type', 'application/json'],
      ]),
    );
    expect(
      await firstValueFrom(withLayers(changing(() => ({ body: undefined }))).post<Echo>('/echo', { body: 'x' })),
    ).toMatchObject({
      body: { text: '' },
    });
  });

  it.each([
    [{ method: 'GE T' }, 'method'],
    [{ method: 'CONNECT' }, 'method'],
    [{ url: '/relative' }, 'layer.url'],
    [{ url: 'file:///etc/passwd' }, 'layer.url'],
    [{ url: 'http://user:pass@127.0.0.1/' }, 'layer.url'],
    [{ headers: { 'x-a': 'b\r\nx-evil: 1' } }, 'layer.headers.x-a'],
    [{ headers: { host: 'evil.test' } }, 'layer.headers.host'],
    [{ headers: { 'content-length': '0' } }, 'layer.headers.content-length'],
    [{ body: 'on a GET' }, 'body'],
    [{ body: 10n, method: 'PUT' }, 'body'],
  ])('have what they change checked again (%#)', async (change, field) => {
    for (const api of [withLayers(changing(() => change)), open.extend({ attemptLayers: [changing(() => change)] })]) {
      const error = await failure(api.get('/json'));
      expect(error).toMatchObject({ kind: 'config', field, request: { method: 'GET' } });
      expect(error.message).toMatch(/^GET http:\/\/127\.0\.0\.1/);
      expect(error.message).not.toContain('pass@');
    }
  });

  it('must pass on the request they were given, or a copy of it', async () => {
    const api = withLayers((request, next) => next({ method: request.method, url: request.url } as ApiRequest));
    expect(await failure(api.get('/json'))).toMatchObject({ kind: 'config', field: 'layer' });
  });

  it('may answer by themselves, as a cache does', async () => {
    const cache = new Map<string, ApiEvent<unknown>[]>();
    const cached: Layer = (request, next) =>
      defer(() => {
        const hit = cache.get(request.url);
        if (hit) return of(...hit);
        const events: ApiEvent<unknown>[] = [];
        return next(request).pipe(
          tap({ next: (event) => events.push(event), complete: () => cache.set(request.url, events) }),
        );
      });
    const api = withLayers(cached);
    server.reset();
    for (let call = 0; call < 3; call++) expect(await all(api.get('/json'))).toHaveLength(1);
    const response = await firstValueFrom(api.get('/json').response());
    expect(response).toMatchObject({ status: 200, url: server.url('/json'), body: { ok: true } });
    expect(await all(api.get('/json').events())).toHaveLength(cache.get(server.url('/json'))!.length);
    expect(server.requests()).toHaveLength(1);
  });

  it('may answer with values alone; a response then has nothing to tell', async () => {
    const api = withLayers(() => of({ type: 'value', attempt: 0, value: 'by hand' }));
    expect(await all(api.get('/json'))).toEqual(['by hand']);
    expect(await failure(api.get('/json').response())).toMatchObject({ kind: 'protocol' });
    expect(await all(withLayers(() => EMPTY).get('/json'))).toEqual([]);
  });

  it('may retry: each subscription to next is an exchange', async () => {
    const api = open.extend({ retry: false, layers: [(request, next) => next(request).pipe(retry(2))] });
    expect(await firstValueFrom(api.get(flaky(2)))).toMatchObject({ attempt: 3 });
    const attempts = open.extend({ retry: false, attemptLayers: [(request, next) => next(request).pipe(retry(2))] });
    expect(await firstValueFrom(attempts.get(flaky(2)))).toMatchObject({ attempt: 3 });
  });

  it('may delay, also before anything is sent', async () => {
    const api = withLayers((request, next) =>
      timer(30).pipe(
        concatMap(() => next(request)),
        delay(20),
      ),
    );
    expect(await all(api.get('/ndjson?rows=3', { as: ndjson() }))).toEqual([{ row: 1 }, { row: 2 }, { row: 3 }]);
  });

  it('may leave values out, change them, and stop early', async () => {
    const odd: Layer = (request, next) =>
      next(request).pipe(filter((event) => event.type !== 'value' || (event.value as { row: number }).row % 2 === 1));
    const labelled: Layer = (request, next) =>
      next(request).pipe(
        map((event) => (event.type === 'value' ? { ...event, value: JSON.stringify(event.value) } : event)),
      );
    const api = withLayers(labelled, odd);
    expect(await all(api.get('/ndjson?rows=5', { as: ndjson() }))).toEqual(['{"row":1}', '{"row":3}', '{"row":5}']);
    const first: Layer = (request, next) =>
      next(request).pipe(
        filter(({ type }) => type === 'value'),
        take(2),
      );
    expect(await all(withLayers(first).get('/ndjson?rows=endless&id=taken', { as: ndjson() }))).toHaveLength(2);
    expect((await server.closed('taken')).state).toBe('aborted');
  });

  it('may turn an error into an answer, and an answer into an error', async () => {
    const fallback: Layer = (request, next) =>
      next(request).pipe(catchError(() => of({ type: 'value', attempt: 0, value: 'fallback' } as const)));
    expect(await all(withLayers(fallback).get('/reply?status=404'))).toEqual(['fallback']);
    const mine = new Error('mine');
    const refusing: Layer = () => throwError(() => mine);
    expect((await outcome(withLayers(refusing).get('/json'))).error).toBe(mine);
    expect((await outcome(open.extend({ attemptLayers: [refusing] }).get('/json'))).error).toBe(mine);
  });

  it('that throw, or return no Observable, fail the call', async () => {
    const mine = new Error('thrown');
    const throwing: Layer = () => {
      throw mine;
    };
    for (const name of ['layers', 'attemptLayers']) {
      expect((await outcome(open.extend({ [name]: [throwing] }).get('/json'))).error).toBe(mine);
      expect((await outcome(open.extend({ [name]: [() => undefined as never] }).get('/json'))).error).toBeInstanceOf(
        TypeError,
      );
    }
  });

  it('are left when the call is', async () => {
    let left = 0;
    const waiting: Layer = () => new Observable(() => () => left++);
    for (const name of ['layers', 'attemptLayers'])
      open
        .extend({ [name]: [waiting] })
        .get('/json')
        .subscribe()
        .unsubscribe();
    expect(left).toBe(2);
  });

  it("do not keep a caller's signal from ending the call", async () => {
    const reason = new Error('enough');
    const ignoring: Layer[] = [() => NEVER, (request, next) => next(request).pipe(catchError(() => NEVER))];
    for (const layer of ignoring) {
      const controller = new AbortController();
      const call = failure(withLayers(layer).get('/bad/never', { signal: controller.signal }));
      setTimeout(() => controller.abort(reason), 20);
      expect(await call).toMatchObject({ kind: 'abort', reason });
    }
    const aborted = withLayers(() => of({ type: 'value', attempt: 0, value: 1 }));
    expect(await failure(aborted.get('/json', { signal: AbortSignal.abort(reason) }))).toMatchObject({
      kind: 'abort',
      reason,
    });
  });

  it('see every event, and events() sees what they pass on', async () => {
    const types: string[] = [];
    const api = withLayers((request, next) => next(request).pipe(tap(({ type }) => types.push(type))));
    const events = await all(api.get(flaky(1)).events());
    expect(types.filter((type) => type !== 'download')).toEqual([
      'sent',
      'head',
      'retry',
      'sent',
      'head',
      'value',
      'response',
    ]);
    expect(events.map(({ type }) => type)).toEqual(types);
    expect(events.map(({ attempt }) => attempt)).toEqual(
      [...events.keys()].map((i) => (i > types.indexOf('retry') ? 2 : 1)),
    );
  });

  it('keep nobody from reading the answer', async () => {
    const through: Layer = (request, next) => next(request);
    const api = open.extend({ layers: [through], attemptLayers: [through] });
    expect(await firstValueFrom(api.get('/text/utf16', { as: text() }).response())).toMatchObject({
      status: 200,
      attempts: 1,
    });
    expect(await failure(api.get('/problem'))).toMatchObject({
      status: 422,
      problem: { title: 'Out of credit' },
      attempts: 1,
    });
  });
});
