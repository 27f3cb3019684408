import { filter, map, Observable, tap } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { ndjson } from '../../lib/codec/ndjson.js';
import { type Api, createApi } from '../../lib/http/api.js';
import { perOrigin, perRoute } from '../../lib/http/keyed.js';
import type { ApiEvent } from '../../lib/http/answer-types.js';
import type { ApiRequest, Handler, Layer } from '../../lib/http/types.js';
import { failure, outcome } from '../support/outcome.js';
import { type Server, startServer } from '../support/server.js';

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

describe('demand through layers', () => {
  it.each(['layers', 'attemptLayers'])('goes around %s: a slow consumer holds the server back', async (name) => {
    const stock: Layer = (request, next) =>
      next(request).pipe(
        filter((event) => event.type !== 'value' || (event.value as { row: number }).row % 2 === 1),
        map((event) => ({ ...event })),
        tap(),
      );
    const id = `held-by-${name}`;
    const api = open.extend({ [name]: [stock, stock] });
    const rows = api.get<{ row: number }>('/ndjson?rows=endless&size=1000', { as: ndjson(), query: { id } });
    const iterator = rows[Symbol.asyncIterator]();
    expect(await iterator.next()).toMatchObject({ value: { row: 1 } });
    const held = await server.waitFor((seen) => seen.id === id && seen.heldMs > 200, 8000);
    expect(held.flushed).toBeLessThan(20_000_000);
    for (let n = 1; n < 100; n++) expect(await iterator.next()).toMatchObject({ value: { row: 2 * n + 1 } });
    await iterator.return?.();
    expect((await server.closed(id)).state).toBe('aborted');
  });
});

/** Runs a layer by hand on one request after another. */
function running(layer: Layer): (request: Partial<ApiRequest>) => { unsubscribe(): void } {
  const never: Handler = () => new Observable<ApiEvent<unknown>>(() => undefined);
  return (request) =>
    layer({ method: 'GET', url: 'https://a.test/', route: '/', ...request } as ApiRequest, never).subscribe();
}

describe.each([
  ['perOrigin', perOrigin, (n: number) => ({ url: `https://a${n}.test/x?y` }), (n: number) => `https://a${n}.test`],
  ['perRoute', perRoute, (n: number) => ({ route: `/users/${n}` }), (n: number) => `GET https://a.test /users/${n}`],
] as const)('%s', (_, keyed, requestOf, keyOf) => {
  const counted = (): { run: ReturnType<typeof running>; made: string[] } => {
    const made: string[] = [];
    const layer = keyed((key) => {
      made.push(key);
      return (request, next) => next(request);
    });
    return { run: running(layer), made };
  };

  it('makes one layer for each key, when it is first needed', () => {
    const { run, made } = counted();
    expect(made).toEqual([]);
    for (const n of [1, 2, 1, 2, 1]) run(requestOf(n)).unsubscribe();
    expect(made).toEqual([keyOf(1), keyOf(2)]);
  });

  it('keeps 1,024 idle ones, and drops the one that is idle for longest', () => {
    const { run, made } = counted();
    for (let n = 0; n < 1024; n++) run(requestOf(n)).unsubscribe();
    run(requestOf(0)).unsubscribe(); // used again: now the second one is the oldest
    run(requestOf(1024)).unsubscribe();
    expect(made).toHaveLength(1025);
    run(requestOf(0)).unsubscribe();
    expect(made).toHaveLength(1025);
    run(requestOf(1)).unsubscribe();
    expect(made.at(-1)).toBe(keyOf(1));
  });

  it('does not drop one that runs, however many come', () => {
    const { run, made } = counted();
    const [first, second] = [run(requestOf(0)), run(requestOf(0))];
    first.unsubscribe();
    for (let n = 1; n < 3000; n++) run(requestOf(n)).unsubscribe();
    run(requestOf(0)).unsubscribe();
    expect(made.filter((key) => key === keyOf(0))).toHaveLength(1);
    second.unsubscribe();
    for (let n = 1; n < 3000; n++) run(requestOf(n)).unsubscribe();
    run(requestOf(0));
    expect(made.filter((key) => key === keyOf(0))).toHaveLength(2);
  });

  it('fails the call when a layer cannot be made, and asks again next time', async () => {
    let asked = 0;
    const mine = new Error('not today');
    const layer = keyed(() => {
      if (++asked === 1) throw mine;
      return (request, next) => next(request);
    });
    const api = open.extend({ layers: [layer] });
    expect((await outcome(api.get('/json'))).error).toBe(mine);
    expect(await outcome(api.get('/json'))).toMatchObject({ error: undefined });
    expect(asked).toBe(2);
  });
});

describe('keys', () => {
  it('are those of what is sent, below the layers that change it', async () => {
    const keys: string[] = [];
    const noting = (key: string): Layer => (keys.push(key), (request, next) => next(request));
    const away: Layer = (request, next) => next({ ...request, method: 'PUT', url: server.other.url('/echo') });
    const api = open.extend({ layers: [perOrigin(noting), away], attemptLayers: [perRoute(noting)] });
    await outcome(api.get('/users/{id}?a=b', { path: { id: 7 } }));
    await outcome(api.get('/users/{id}?a=b', { path: { id: 8 } }));
    expect(keys).toEqual([server.origin, `PUT ${server.other.origin} /users/{id}?a=b`]);
  });

  // aws-sdk-js-v3 #2741: one limit for a whole client lets one busy operation hold up all others.
  it('let one origin fail and leave the other alone', async () => {
    const broken = perOrigin((origin) => (request, next) => {
      if (origin === server.origin) throw new TypeError('open');
      return next(request);
    });
    const api = open.extend({ absolute: 'allow', attemptLayers: [broken] });
    expect((await outcome(api.get('/json'))).error).toBeInstanceOf(TypeError);
    expect(await failure(api.get(server.other.url('/reply?status=404')))).toMatchObject({ status: 404 });
  });
});
