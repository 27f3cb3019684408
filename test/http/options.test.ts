import { firstValueFrom, of } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { createBudget } from '../../lib/core/budget.js';
import { createApi } from '../../lib/http/api.js';
import type { ApiOptions } from '../../lib/http/types.js';
import { fakeTransport } from '../../lib/testing/fake-transport.js';
import { failure } from '../support/outcome.js';

const api = createApi({ baseUrl: 'https://a.test', transport: fakeTransport() });
const config = (field: string, message = ''): object => ({
  kind: 'config',
  field,
  message: expect.stringContaining(message) as string,
});
/** What an option does to `createApi`, to `extend`, and to a call. */
const refusals = async (options: unknown, ofCall = options): Promise<unknown[]> => {
  const thrown = (make: () => unknown): unknown => {
    try {
      return make();
    } catch (error) {
      return error;
    }
  };
  const call = await failure(api.get('/x', ofCall as never));
  return [thrown(() => createApi(options as never)), thrown(() => api.extend(options as never)), call];
};

describe('an unknown option', () => {
  it.each([
    ['createApi', 'baseURL', 'baseUrl'],
    ['createApi', 'timeout', 'timeouts'],
    ['createApi', 'header', 'headers'],
    ['createApi', 'credentials', 'there are baseUrl'],
    ['createApi', 'layer', 'layers'],
    ['createApi', 'attemptlayers', 'attemptLayers'],
    ['createApi', 'keepAlive', 'keepalive'],
    ['createApi', 'Transport', 'transport'],
  ])('of %s (%s) is refused with the nearest one', (where, name, nearest) => {
    expect(() => createApi({ [name]: {} } as never)).toThrowError(
      expect.objectContaining(config(`${where}.${name}`, nearest)),
    );
    expect(() => api.extend({ [name]: {} } as never)).toThrowError(
      expect.objectContaining(config(`extend.${name}`, nearest)),
    );
  });

  it.each([
    ['params', 'there are path'],
    ['querry', 'query'],
    ['idempotencykey', 'idempotencyKey'],
    ['redirect', 'redirects'],
    ['timeout', 'timeouts'],
  ])('of a call (%s) is refused with the nearest one', async (name, nearest) => {
    const error = await failure(api.get('/x?token=hunter2', { [name]: {} } as never));
    expect(error).toMatchObject(config(`options.${name}`, nearest));
    expect(error.message).toMatch(/^GET \/x\?token=\[hidden\]: /);
  });

  it.each([
    ['timeouts', 'total', 'totalMs'],
    ['timeouts', 'connectMs', 'there are queueMs'],
    ['limits', 'bodybytes', 'bodyBytes'],
    ['retry', 'attempt', 'attempts'],
    ['retry', 'limit', 'there are attempts'],
    ['retry', 'maxRetryAfter', 'maxRetryAfterMs'],
  ])('inside %s (%s) is refused with the nearest one', async (where, name, nearest) => {
    for (const error of await refusals({ [where]: { [name]: 1 } })) {
      expect(error).toMatchObject(config(`${where}.${name}`, nearest));
    }
  });

  it('that is undefined is refused too', () => {
    expect(() => createApi({ baseURL: undefined } as never)).toThrowError(
      expect.objectContaining(config('createApi.baseURL')),
    );
  });
});

describe('options that are no plain object', () => {
  class Options {
    readonly retry = false;
  }

  it.each([[null], [[]], [new Options()], [new Map()], [7], ['text'], [() => {}], [new Date()]])(
    '(%#) are refused as a whole',
    async (options) => {
      const [create, extend, call] = await refusals(options);
      expect(create).toMatchObject(config('createApi', 'plain object'));
      expect(extend).toMatchObject(config('extend', 'plain object'));
      expect(call).toMatchObject(config('options', 'plain object'));
    },
  );

  it.each(['timeouts', 'limits', 'retry'])('are refused as %s', async (name) => {
    for (const value of [null, [], new Options(), 'text', 7]) {
      for (const error of await refusals({ [name]: value })) expect(error).toMatchObject(config(name));
    }
  });

  it('may come from another realm or have no prototype', async () => {
    const bare = Object.assign(Object.create(null) as object, {
      retry: false,
      timeouts: Object.create(null) as object,
    });
    expect(() => createApi(bare as ApiOptions)).not.toThrow();
  });
});

describe('an option of the wrong kind', () => {
  it.each([
    [{ baseUrl: 7 }, 'baseUrl'],
    [{ baseUrl: null }, 'baseUrl'],
    [{ baseUrl: {} }, 'baseUrl'],
    [{ absolute: true }, 'absolute'],
    [{ headers: 'a: b' }, 'headers'],
    [{ auth: {} }, 'auth'],
    [{ auth: ['Bearer x'] }, 'auth[0]'],
    [{ auth: [null] }, 'auth[0]'],
    [{ cookies: true }, 'cookies'],
    [{ cache: 7 }, 'cache'],
    [{ keepalive: 'yes' }, 'keepalive'],
    [{ layers: () => {} }, 'layers'],
    [{ layers: [undefined] }, 'layers[0]'],
    [{ attemptLayers: [{}] }, 'attemptLayers[0]'],
    [{ transport: {} }, 'transport'],
    [{ transport: () => {} }, 'transport'],
    [{ clock: Date }, 'clock'],
    [{ random: 0.5 }, 'random'],
    [{ retry: { attempts: 0 } }, 'retry.attempts'],
    [{ retry: { attempts: 1.5 } }, 'retry.attempts'],
    [{ retry: { attempts: '3' } }, 'retry.attempts'],
    [{ retry: { backoff: 100 } }, 'retry.backoff'],
    [{ retry: { when: true } }, 'retry.when'],
    [{ retry: { budget: true } }, 'retry.budget'],
    [{ retry: { budget: {} } }, 'retry.budget'],
    [{ retry: { maxRetryAfterMs: -1 } }, 'retry.maxRetryAfterMs'],
    [{ retry: { maxRetryAfterMs: Number.NaN } }, 'retry.maxRetryAfterMs'],
  ])('is refused by createApi (%#)', (options, field) => {
    expect(() => createApi(options as never)).toThrowError(expect.objectContaining(config(field)));
    expect(() => api.extend(options as never)).toThrowError(expect.objectContaining(config(field)));
  });

  it.each([
    [{ path: null }, 'path'],
    [{ path: 'id' }, 'path'],
    [{ query: 'a=b' }, 'query'],
    [{ query: 7 }, 'query'],
    [{ headers: null }, 'headers'],
    [{ as: 'json' }, 'as'],
    [{ as: null }, 'as'],
    [{ idempotencyKey: false }, 'idempotencyKey'],
    [{ idempotencyKey: '' }, 'idempotencyKey'],
    [{ idempotencyKey: 'a b' }, 'idempotencyKey'],
    [{ idempotencyKey: 'ключ' }, 'idempotencyKey'],
    [{ idempotencyKey: 'k'.repeat(256) }, 'idempotencyKey'],
    [{ signal: {} }, 'signal'],
    [{ signal: null }, 'signal'],
    [{ context: null }, 'context'],
    [{ context: 'a' }, 'context'],
    [{ redirects: 5 }, 'redirects'],
    [{ cookies: 'yes' }, 'cookies'],
    [{ cache: true }, 'cache'],
    [{ keepalive: 1 }, 'keepalive'],
    [{ retry: { attempts: -1 } }, 'retry.attempts'],
  ])('is the error of the call (%#)', async (options, field) => {
    expect(await failure(api.get('/x', options as never))).toMatchObject({
      ...config(field),
      request: { method: 'GET' },
    });
  });

  it.each([[undefined], [null], [7], [{}], [Symbol('path')], [Object.create(null)]])(
    'is a path that is none (%#)',
    async (path) => {
      expect(await failure(api.get(path as never))).toMatchObject(config('path'));
      expect(await failure(api.get(path as never, { path: {} }))).toMatchObject(config('path'));
    },
  );
});

describe('options', () => {
  it('are read once, getters included', async () => {
    let reads = 0;
    const counting = <T>(value: T): T => (reads++, value);
    const budget = createBudget();
    const client = createApi({
      get baseUrl() {
        return counting('https://a.test');
      },
      get limits() {
        return {
          get bodyBytes() {
            return counting(5);
          },
        };
      },
      get retry() {
        return { budget: counting(budget) };
      },
      transport: fakeTransport(),
    });
    expect(reads).toBe(3);
    const call = client.get('/x', {
      get query() {
        return counting({ a: 1 });
      },
      get limits() {
        return counting({ bodyBytes: 1 });
      },
    });
    for (let n = 0; n < 3; n++) call.subscribe().unsubscribe();
    expect(reads).toBe(5);
  });

  it('may be frozen, and are not changed', () => {
    const options = Object.freeze({ baseUrl: 'https://a.test', layers: Object.freeze([]), limits: Object.freeze({}) });
    expect(() =>
      createApi(options)
        .extend(options)
        .get('/x', Object.freeze({ query: Object.freeze({}) })),
    ).not.toThrow();
  });

  it('can be changed afterwards without effect', async () => {
    const fake = fakeTransport();
    const given = {
      baseUrl: 'https://a.test',
      headers: { a: '1' },
      layers: [],
      transport: fake,
      limits: { bodyBytes: 10 },
    };
    const client = createApi(given);
    given.headers.a = '2';
    given.limits.bodyBytes = 0;
    (given.layers as unknown[]).push(() => of());
    fake.expect().answer(200, '12345');
    expect(await firstValueFrom(client.get('/x'))).toBe(12_345);
    expect(fake.last.request?.headers).toContain('1');
  });
});
