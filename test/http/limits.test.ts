import { firstValueFrom } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { blob } from '../../lib/codec/blob.js';
import { bytes } from '../../lib/codec/bytes.js';
import type { Decoder } from '../../lib/codec/decoder.js';
import { json } from '../../lib/codec/json.js';
import { lines } from '../../lib/codec/lines.js';
import { ndjson } from '../../lib/codec/ndjson.js';
import { text } from '../../lib/codec/text.js';
import type { StatusError } from '../../lib/core/answer-errors.js';
import type { Limits } from '../../lib/core/wire.js';
import { type Api, createApi } from '../../lib/http/api.js';
import { fakeTransport } from '../../lib/testing/fake-transport.js';
import { crossFetch } from '../../lib/transport/cross-fetch.js';
import { fetchTransport } from '../../lib/transport/fetch.js';
import { all, failure, outcome } from '../support/outcome.js';
import { type Exchange, type Server, startServer } from '../support/server.js';

/** One line that never ends. */
async function endless(exchange: Exchange): Promise<void> {
  exchange.head(exchange.query.number('status', 200), [['content-type', 'text/plain']]);
  for (;;) await exchange.write('x'.repeat(60_000));
}

let server: Server;
let api: Api;
beforeAll(async () => {
  server = await startServer({ routes: { '/bytes-without-end': endless } });
  api = createApi({ baseUrl: server.origin, retry: false });
});
afterAll(async () => {
  await api.close();
  await server.close();
});

let ids = 0;
const nextId = (): string => `limit-${++ids}`;
const limit = (which: keyof Limits, at: number): object => ({ kind: 'limit', which, limit: at, retryable: false });

describe('bodyBytes', () => {
  const whole: [string, Decoder<unknown>][] = [
    ['json', json()],
    ['text', text()],
    ['bytes', bytes()],
    ['blob', blob()],
  ];

  it.each(whole)('bounds %s, and the body is cancelled', async (_, as) => {
    const id = nextId();
    const error = await failure(api.get('/bytes-without-end', { query: { id }, as, limits: { bodyBytes: 1000 } }));
    expect(error).toMatchObject(limit('bodyBytes', 1000));
    expect(error.message).toContain('limits.bodyBytes');
    expect((await server.closed(id)).state).toBe('aborted');
  });

  it('allows a body of exactly so many bytes', async () => {
    const options = { as: bytes(), limits: { bodyBytes: 1000 } };
    expect(await firstValueFrom(api.get('/bytes?size=1000', options))).toHaveLength(1000);
    expect(await failure(api.get('/bytes?size=1001', options))).toMatchObject(limit('bodyBytes', 1000));
    expect(await failure(api.get('/bytes?size=1', { ...options, limits: { bodyBytes: 0 } }))).toMatchObject({
      kind: 'limit',
    });
    expect(await outcome(api.get('/no-content', { limits: { bodyBytes: 0 } }))).toMatchObject({ error: undefined });
  });

  it('is 10 MiB when nothing is said', async () => {
    const options = { as: bytes() };
    expect(await firstValueFrom(api.get('/bytes?size=10485760', options))).toHaveLength(10_485_760);
    expect(await failure(api.get('/bytes?size=10485761', options))).toMatchObject(limit('bodyBytes', 10_485_760));
  });

  it.each([[['gzip']], [['deflate']], [['br']], [['gzip', 'gzip']], [['gzip', 'br', 'deflate']]])(
    'counts what comes out of %j, and stops the bomb',
    async (as) => {
      const id = nextId();
      const before = process.memoryUsage().rss;
      const error = await failure(api.get('/bomb', { query: { id, as }, as: bytes() }));
      expect(error).toMatchObject(limit('bodyBytes', 10_485_760));
      expect(process.memoryUsage().rss - before).toBeLessThan(160 * 1024 * 1024);
      expect((await server.waitFor((seen) => seen.id === id && seen.state !== 'open')).wrote).toBeLessThan(1_000_000);
    },
  );

  it('bounds what response() gathers of a many-value body, and not the stream itself', async () => {
    const call = (limits: Partial<Limits>) => api.get('/ndjson?rows=2000', { as: ndjson(), limits });
    expect(await failure(call({ bodyBytes: 5000 }).response())).toMatchObject(limit('bodyBytes', 5000));
    expect(await all(call({ bodyBytes: 5000 }))).toHaveLength(2000);
  });
});

describe('errorBodyBytes', () => {
  it('cuts the body of an error, whose status still counts', async () => {
    const id = nextId();
    const options = { query: { id }, limits: { errorBodyBytes: 1000 } };
    const error = await failure(api.get('/bytes-without-end?status=418', options));
    expect(error).toMatchObject({ kind: 'status', status: 418, cause: limit('errorBodyBytes', 1000) });
    const { body } = error as StatusError<string>;
    expect(body).toBe('x'.repeat(1000));
    expect((await server.closed(id)).state).toBe('aborted');
  });

  it('stops a bomb behind an error', async () => {
    const error = await failure(api.get('/bomb?status=500'));
    expect(error).toMatchObject({ kind: 'status', status: 500, cause: limit('errorBodyBytes', 1_048_576) });
  });

  it('keeps a body of exactly so many bytes', async () => {
    const error = await failure(api.get('/reply?status=400&size=1000', { limits: { errorBodyBytes: 1000 } }));
    expect(error).toMatchObject({ kind: 'status', body: 'x'.repeat(1000) });
    expect('cause' in error).toBe(false);
  });
});

describe('lineBytes', () => {
  it.each([
    ['lines', lines()],
    ['ndjson', ndjson()],
  ])('bounds a line of %s, after the lines before it', async (_, as) => {
    const id = nextId();
    const path = `/chunks?chunk=1%0A2%0A&chunk=${'3'.repeat(500)}&then=stall`;
    const { values, error } = await outcome(api.get<unknown>(path, { query: { id }, as, limits: { lineBytes: 200 } }));
    expect(values.map(String)).toEqual(['1', '2']);
    expect(error).toMatchObject({ ...limit('lineBytes', 200), message: expect.stringContaining('line 3') as string });
    expect((await server.closed(id)).state).toBe('aborted');
  });

  it('is told as soon as it is known, not at the end of the line', async () => {
    const id = nextId();
    const error = await failure(api.get('/bytes-without-end', { query: { id }, as: lines() }));
    expect(error).toMatchObject(limit('lineBytes', 1_048_576));
    expect((await server.closed(id)).state).toBe('aborted');
  });
});

describe('encodings', () => {
  it('bounds how many lie on one another', async () => {
    const as = (count: number): string[] => Array.from({ length: count }, () => 'gzip');
    expect(await firstValueFrom(api.get('/encoded', { query: { as: as(5) } }))).toEqual({ encoded: true });
    expect(await failure(api.get('/encoded', { query: { as: as(6) } }))).toMatchObject(limit('encodings', 5));
    const options = { query: { as: as(2) }, limits: { encodings: 1 } };
    expect(await failure(api.get('/encoded', options))).toMatchObject(limit('encodings', 1));
    expect(await firstValueFrom(api.get('/encoded', { ...options, query: { as: 'br' } }))).toEqual({ encoded: true });
  });
});

describe('headerBytes', () => {
  it('bounds the fields of an answer', async () => {
    expect(await failure(api.get('/headers/long?bytes=70000'))).toMatchObject(limit('headerBytes', 65_536));
    expect(await failure(api.get('/headers/long?bytes=2000', { limits: { headerBytes: 1000 } }))).toMatchObject(
      limit('headerBytes', 1000),
    );
    const wide = { as: text(), limits: { headerBytes: 200_000 } };
    expect(await firstValueFrom(api.get('/headers/long?bytes=100000', wide))).toBe('long');
  });

  it('ends a head that never ends', async () => {
    const id = nextId();
    const error = await failure(api.get('/bad/endless-header', { query: { id } }));
    expect(error).toMatchObject({ kind: 'limit', which: 'headerBytes' });
    expect((await server.closed(id)).state).toBe('aborted');
  });
});

describe('limits', () => {
  it('of a call go over those of the client, in both directions', async () => {
    const small = api.extend({ limits: { bodyBytes: 10, errorBodyBytes: 10 } });
    const get = (limits?: Partial<Limits>) => small.get('/bytes?size=20', { as: bytes(), ...(limits && { limits }) });
    expect(await failure(get())).toMatchObject(limit('bodyBytes', 10));
    expect(await failure(get({ bodyBytes: 5 }))).toMatchObject(limit('bodyBytes', 5));
    expect(await firstValueFrom(get({ bodyBytes: 20 }))).toHaveLength(20);
    expect(await firstValueFrom(get({ bodyBytes: Infinity }))).toHaveLength(20);
    expect(await failure(get({ bodyBytes: undefined } as never))).toMatchObject(limit('bodyBytes', 10));
    expect(await failure(get({ errorBodyBytes: 5 }))).toMatchObject(limit('bodyBytes', 10));
  });

  it.each([
    ['bodyBytes', -1],
    ['lineBytes', Number.NaN],
    ['redirects', '5'],
    ['encodings', null],
    ['headerBytes', false],
  ])('refuse %s: %j', async (name, value) => {
    const wrong = expect.objectContaining({ kind: 'config', field: `limits.${name}` }) as unknown;
    expect(() => createApi({ limits: { [name]: value } as never })).toThrowError(wrong as Error);
    expect(await failure(api.get('/json', { limits: { [name]: value } as never }))).toEqual(wrong);
  });
});

describe('a limit that the platform hides', () => {
  const hiding = { decodesBody: true, redirects: 'platform', rawHeaders: false } as const;

  it.each(['encodings', 'redirects'] as const)('%s is refused where somebody set it', async (which) => {
    const fake = fakeTransport({ capabilities: hiding });
    const client = createApi({ baseUrl: 'https://a.test', transport: fake });
    const wrong = { kind: 'config', field: `limits.${which}` };
    expect(await failure(client.get('/x', { limits: { [which]: 3 } }))).toMatchObject(wrong);
    expect(await failure(client.extend({ limits: { [which]: 3 } }).get('/x'))).toMatchObject(wrong);
    expect(fake.requests).toHaveLength(0);
    fake.expect().answer(200, 'well');
    expect(await firstValueFrom(client.get('/x', { as: text(), limits: { [which]: undefined } as never }))).toBe(
      'well',
    );
  });

  it.each([
    ['fetch', () => fetchTransport(), { kind: 'config', field: 'limits.encodings' }],
    ['cross-fetch', () => crossFetch(), limit('encodings', 1)],
  ])('is refused with %s, and the others hold', async (_, transport, refusal) => {
    const client = createApi({ baseUrl: server.origin, transport: transport() });
    const encoded = await failure(client.get('/encoded?as=gzip&as=gzip', { limits: { encodings: 1 } }));
    expect(encoded).toMatchObject(refusal);
    expect(await firstValueFrom(client.get('/json', { limits: { redirects: 1 } }))).toMatchObject({ ok: true });
    const bodied = client.get('/bytes?size=20', { as: bytes(), limits: { bodyBytes: 10 } });
    expect(await failure(bodied)).toMatchObject(limit('bodyBytes', 10));
    const errors = client.get('/reply?status=400&size=20', { limits: { errorBodyBytes: 10 } });
    expect(await failure(errors)).toMatchObject({ status: 400, cause: limit('errorBodyBytes', 10) });
    const headed = client.get('/headers/long?bytes=2000', { as: text(), limits: { headerBytes: 1000 } });
    expect(await failure(headed)).toMatchObject(limit('headerBytes', 1000));
  });
});
