import { Readable } from 'node:stream';

import { firstValueFrom, of } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type Api, createApi } from '../../lib/http/api.js';
import type { BodyInput } from '../../lib/http/types.js';
import { failure, outcome } from '../support/outcome.js';
import { type Server, startServer } from '../support/server.js';

interface Echo {
  readonly method: string;
  readonly headers: [string, string][];
  readonly body: { readonly text: string; readonly bytes: number };
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

const field = (echo: Echo, name: string): string | undefined => echo.headers.find(([key]) => key === name)?.[1];
const send = (body: unknown, headers = {}): Promise<Echo> =>
  firstValueFrom(api.post<Echo>('/echo', { body: body as BodyInput, headers }));
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
async function* pieces(): AsyncGenerator<Uint8Array> {
  yield bytesOf('in ');
  yield bytesOf('pieces');
}

describe('a method', () => {
  it.each([
    ['get', 'GET'],
    ['Post', 'POST'],
    ['query', 'QUERY'],
    ['PROPFIND', 'PROPFIND'],
    ['M-SEARCH', 'M-SEARCH'],
  ])('%j is sent as %s', async (method, sent) => {
    expect((await firstValueFrom(api.request<Echo>(method, '/echo'))).method).toBe(sent);
  });

  it.each(['', ' ', 'GE T', 'GET\r\nX-Evil: 1', 'GÉT', 'GET\0', 'a:b', 'CONNECT', 'connect', 'TRACE', 'Track'])(
    '%j is refused',
    async (method) => {
      const error = await failure(api.request(method, '/echo'));
      expect(error).toMatchObject({ kind: 'config', field: 'method' });
      expect(error.message).not.toMatch(/[\r\n\0]/);
    },
  );

  it.each([[undefined], [null], [7], [Symbol('GET')], [10n], [{}]])(
    'that is no text is refused (%#)',
    async (method) => {
      expect(await failure(api.request(method as never, '/echo'))).toMatchObject({ kind: 'config', field: 'method' });
    },
  );
});

describe('a header field', () => {
  it.each([
    ['CR', 'a\rb'],
    ['LF', 'a\nb'],
    ['CR LF', 'a\r\nX-Evil: 1'],
    ['NUL', 'a\0b'],
    ['DEL', 'a\u007fb'],
    ['U+010A, whose low byte is LF', 'aĊX-Evil: 1'],
    ['U+560A and U+560D', 'a嘍嘊b'],
    ['U+2028', 'a\u2028b'],
    ['an emoji', '😀'],
    ['a vertical tab', 'a\u000bb'],
  ])('with %s in its value is refused without showing it', async (_, value) => {
    const wrong = { kind: 'config', field: 'headers.x-a' };
    const error = await failure(api.get('/echo', { headers: { 'X-A': value } }));
    expect(error).toMatchObject(wrong);
    expect(error.message).not.toContain('Evil');
    expect(() => createApi({ headers: { 'X-A': value } })).toThrowError(expect.objectContaining(wrong));
    expect(await failure(api.get('/echo', { headers: [['x-a', value]] }))).toMatchObject(wrong);
    expect(await failure(api.get('/echo', { headers: { 'x-a': ['fine', value] } }))).toMatchObject(wrong);
  });

  it.each(['', 'a b', 'a:b', 'a\r\nb', 'é', 'a\0', '(a)', 'a\u010a'])('with the name %j is refused', async (name) => {
    expect(await failure(api.get('/echo', { headers: { [name]: 'x' } }))).toMatchObject({
      kind: 'config',
      field: 'headers',
    });
    expect(await failure(api.get('/echo', { headers: [[name, 'x']] }))).toMatchObject({ kind: 'config' });
  });

  it.each([
    ...[
      'Host',
      'Connection',
      'Content-Length',
      'Transfer-Encoding',
      'TE',
      'Trailer',
      'Upgrade',
      'Expect',
      'Keep-Alive',
    ],
    ...['Proxy-Authorization', 'Proxy-Connection'],
  ])('%s is the transport’s own', async (name) => {
    const wrong = { kind: 'config', field: `headers.${name.toLowerCase()}` };
    expect(await failure(api.get('/echo', { headers: { [name]: '1' } }))).toMatchObject(wrong);
    expect(() => api.extend({ headers: new Headers([[name, '1']]) })).toThrowError(expect.objectContaining(wrong));
  });

  it.each([
    ['Latin-1', 'café', 'café'],
    ['a tab inside', 'a\tb', 'a\tb'],
    ['space around', '  a  ', 'a'],
    ['nothing', '', ''],
    ['a number', 7, '7'],
  ])('takes %s', async (_, value, sent) => {
    expect(field(await send('x', { 'X-A': value }), 'x-a')).toBe(sent);
  });

  it.each([[null], [true], [{}], [() => 'x'], [Symbol('x')], [[null]], [new Date()]])(
    'of another kind is refused (%#)',
    async (value) => {
      const error = await failure(api.get('/echo', { headers: { 'x-a': value } as never }));
      expect(error).toMatchObject({ kind: 'config', field: 'headers.x-a' });
    },
  );

  it('is left out when it is undefined, and comes from pairs and Headers as well', async () => {
    const inputs = [
      { 'x-a': '1', 'x-b': undefined },
      [['x-a', '1']],
      new Headers({ 'x-a': '1' }),
      new Map([['x-a', '1']]),
    ];
    for (const headers of inputs) {
      const echo = await send('x', headers);
      expect([field(echo, 'x-a'), field(echo, 'x-b')]).toEqual(['1', undefined]);
    }
    expect(await failure(api.get('/echo', { headers: ['a', 'b'] as never }))).toMatchObject({ field: 'headers' });
  });
});

describe('the content type', () => {
  const form = (): FormData => {
    const made = new FormData();
    made.append('a', 'b');
    made.append('f', new Blob(['file'], { type: 'text/css' }), 'f.css');
    return made;
  };

  it.each<[string, unknown, string | undefined, string | RegExp]>([
    ['an object', { a: [1, null] }, 'application/json', '{"a":[1,null]}'],
    ['an array', [1], 'application/json', '[1]'],
    ['a number', 7, 'application/json', '7'],
    ['false', false, 'application/json', 'false'],
    ['null', null, 'application/json', 'null'],
    ['what has toJSON', new Date(0), 'application/json', '"1970-01-01T00:00:00.000Z"'],
    ['text', 'häh', 'text/plain;charset=UTF-8', 'häh'],
    ['empty text', '', 'text/plain;charset=UTF-8', ''],
    ['bytes', bytesOf('bytes'), 'application/octet-stream', 'bytes'],
    ['a part of a buffer', bytesOf('a bytes b').subarray(2, 7), 'application/octet-stream', 'bytes'],
    ['a DataView', new DataView(bytesOf('bytes').buffer), 'application/octet-stream', 'bytes'],
    ['an ArrayBuffer', bytesOf('bytes').buffer, 'application/octet-stream', 'bytes'],
    ['a Blob', new Blob(['blob'], { type: 'Text/CSS' }), 'text/css', 'blob'],
    ['a Blob without one', new Blob(['blob']), undefined, 'blob'],
    ['a File', new File(['file'], 'a.txt', { type: 'text/x-a' }), 'text/x-a', 'file'],
    ['URLSearchParams', new URLSearchParams({ a: 'b c' }), 'application/x-www-form-urlencoded;charset=UTF-8', 'a=b+c'],
    ['a generator', pieces, 'application/octet-stream', 'in pieces'],
    ['a web stream', () => new Blob(['web']).stream(), 'application/octet-stream', 'web'],
    ['a Node stream', () => Readable.from([Buffer.from('node')]), 'application/octet-stream', 'node'],
    ['a recipe for an object', () => ({ made: true }), 'application/json', '{"made":true}'],
    ['a recipe for text', () => 'made', 'text/plain;charset=UTF-8', 'made'],
  ])('of %s is set', async (_, body, type, text) => {
    const echo = await send(body);
    expect([field(echo, 'content-type'), echo.body.text]).toEqual([type, text]);
    const own = await send(body, { 'Content-Type': 'my/own' });
    expect(own.headers.filter(([name]) => name === 'content-type')).toEqual([['content-type', 'my/own']]);
  });

  it('of a form has the boundary that the body uses', async () => {
    for (const body of [form(), form]) {
      const echo = await send(body);
      const boundary = /^multipart\/form-data; ?boundary=(\S+)$/.exec(field(echo, 'content-type') ?? '')?.[1] ?? 'none';
      expect(echo.body.text).toContain(`--${boundary}\r\n`);
      expect(echo.body.text).toContain('filename="f.css"\r\ncontent-type: text/css\r\n');
    }
  });

  it('is not set without a body', async () => {
    const echo = await firstValueFrom(api.post<Echo>('/echo'));
    expect([field(echo, 'content-type'), echo.body.bytes]).toEqual([undefined, 0]);
  });

  it('that a blob made up would bring along is checked', async () => {
    const body = {
      [Symbol.toStringTag]: 'Blob',
      size: 1,
      type: 'a/b\r\nx-evil: 1',
      arrayBuffer: () => {},
      stream: () => {},
    };
    expect(await failure(api.post('/echo', { body }))).toMatchObject({ kind: 'config', field: 'body.content-type' });
  });
});

describe('a body', () => {
  const circular: Record<string, unknown> = {};
  circular.self = circular;

  it.each([
    ['a bigint inside', { a: 1n }, /JSON/],
    ['a bigint', 1n, /JSON/],
    ['a circle', circular, /JSON/],
    ['a symbol', Symbol('x'), /JSON/],
    ['a function from a recipe', () => () => 'x', /function/],
    ['a Map', new Map([['a', 1]]), /a Map .* lost/],
    ['a Set', new Set([1]), /a Set .* lost/],
    ['a promise', Promise.resolve({}), /a Promise .* lost/],
    ['an Observable', of(1), /an? Observable .* lost/],
    ['undefined from a recipe', () => undefined, /undefined/],
  ])('of %s cannot be sent', async (_, body, message) => {
    const error = await failure(api.post('/echo', { body: body as never }));
    expect(error).toMatchObject({ kind: 'config', field: 'body', message: expect.stringMatching(message) as string });
  });

  it('may say `subscribe` as plain data does', async () => {
    expect((await send({ subscribe: true })).body.text).toBe('{"subscribe":true}');
  });

  it.each(['GET', 'HEAD', 'get'])('cannot be sent with %s', async (method) => {
    for (const body of [null, '', 'x', {}, pieces]) {
      const error = await failure(api.request(method, '/echo', { body }));
      expect(error).toMatchObject({ kind: 'config', field: 'body' });
      expect(error.message).toMatch(/use query, or another method/);
    }
  });

  it('that is a stream is refused with what to do instead', async () => {
    for (const body of [pieces(), new Blob(['x']).stream(), Readable.from(['x'])]) {
      const error = await failure(api.post('/echo', { body: body as never }));
      expect(error).toMatchObject({ kind: 'config', field: 'body' });
      expect(error.message).toContain('body: () => stream()');
    }
  });

  it('passes what a recipe throws as the same object', async () => {
    const mine = new Error('mine');
    const throwing = (): never => {
      throw mine;
    };
    expect((await outcome(api.post('/echo', { body: throwing }))).error).toBe(mine);
  });

  it('is made once more for each subscription', async () => {
    let made = 0;
    const call = api.post<Echo>('/echo', { body: () => `body ${++made}` });
    expect(made).toBe(0);
    expect((await firstValueFrom(call)).body.text).toBe('body 1');
    expect((await firstValueFrom(call)).body.text).toBe('body 2');
  });
});

describe('an idempotency key', () => {
  it('is sent as given, and gives way to one in the headers', async () => {
    const key = async (options: object): Promise<string | undefined> =>
      field(await firstValueFrom(api.post<Echo>('/echo', options)), 'idempotency-key');
    expect(await key({ idempotencyKey: 'order-7' })).toBe('order-7');
    expect(await key({ idempotencyKey: 'order-7', headers: { 'Idempotency-Key': 'by-hand' } })).toBe('by-hand');
    expect(await key({})).toBeUndefined();
    const [one, two] = [await key({ idempotencyKey: true }), await key({ idempotencyKey: true })];
    expect(one).toMatch(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
    expect(one).not.toBe(two);
  });
});
