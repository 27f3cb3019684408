import { Readable } from 'node:stream';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type Api, createApi } from '../../lib/http/api.js';
import { toFetch } from '../../lib/http/to-fetch.js';
import { type Server, startServer } from '../support/server.js';

interface Echo {
  readonly method: string;
  readonly url: string;
  readonly headers: [string, string][];
  readonly body: { readonly text: string; readonly bytes: number };
}
type Input = Parameters<typeof globalThis.fetch>[0];

let server: Server;
let api: Api;
let fetch: typeof globalThis.fetch;
beforeAll(async () => {
  server = await startServer();
  api = createApi({ baseUrl: `${server.origin}/echo` });
  fetch = toFetch(api);
});
afterAll(async () => {
  await api.close();
  await server.close();
});

const echo = async (input: Input, init?: RequestInit): Promise<Echo> =>
  (await (await fetch(input, init)).json()) as Echo;
const post = (body: RequestInit['body'] | object, init: RequestInit = {}): Promise<Echo> =>
  echo(server.url('/echo'), { method: 'POST', ...init, body: body as string });
const field = (from: Echo, name: string): string | undefined => from.headers.find(([key]) => key === name)?.[1];
const failure = async (input: unknown, init?: unknown): Promise<TypeError> => {
  const error: unknown = await fetch(input as Input, init as RequestInit).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(TypeError);
  return error as TypeError;
};

describe('the URL', () => {
  it('is absolute, or below baseUrl, as text, URL or Request', async () => {
    const url = server.url('/echo/a?b=c');
    for (const input of [url, new URL(url), new Request(url), 'a?b=c', '/a?b=c', ` ${url}\n`, `${url}#part`]) {
      expect((await echo(input)).url).toBe('/echo/a?b=c');
    }
    expect((await echo({ toString: () => url } as never)).url).toBe('/echo/a?b=c');
  });

  it.each([
    ['/echo/{id}', '/echo/%7Bid%7D'],
    ['/echo?filter={"a":[1]}', '/echo?filter=%7B%22a%22:[1]%7D'],
    ['/echo/ü ?q=ü ', '/echo/%C3%BC%20?q=%C3%BC'],
    ['/echo/a/../b', '/echo/b'],
    ['/echo/%41%zz', '/echo/%41%zz'],
    ['/echo?', '/echo'],
  ])('%s is sent as %s', async (path, sent) => {
    expect((await echo(server.url(path))).url).toBe(sent);
  });

  it.each([
    ...[
      'http://user:hunter2@127.0.0.1/',
      'http://hunter2@127.0.0.1/',
      'http://',
      'http://[',
      'http://a:99999/',
      'http://a b/',
    ],
    ...['ftp://127.0.0.1/', 'file:///etc/passwd', 'javascript:alert(1)', 'data:text/plain,x', 'blob:x', 'about:blank'],
    ...['//127.0.0.1/', '../x', '/a/../../x', 'a\\b', 'https:a'],
  ])('%j is refused with a TypeError', async (url) => {
    const error = await failure(url);
    expect(error.message).not.toContain('hunter2');
    expect(error.cause).toMatchObject({ kind: 'config' });
  });

  it('is relative to nothing where there is no baseUrl', async () => {
    const bare = toFetch(createApi());
    await expect(bare('/x')).rejects.toMatchObject({ cause: { kind: 'config', field: 'path' } });
    expect((await bare(server.url('/json'))).ok).toBe(true);
  });
});

describe('the method', () => {
  it.each([
    [undefined, 'GET'],
    ['get', 'GET'],
    ['GeT', 'GET'],
    ['post', 'POST'],
    ['put', 'PUT'],
    ['delete', 'DELETE'],
    ['options', 'OPTIONS'],
    ['PATCH', 'PATCH'],
    ['PROPFIND', 'PROPFIND'],
  ])('%s is sent as %s', async (method, sent) => {
    expect((await echo(server.url('/echo'), method === undefined ? {} : { method })).method).toBe(sent);
  });

  it.each(['', 'GE T', 'GET\r\n', 'CONNECT', 'trace', 'TRACK', 'É'])('%j is a TypeError', async (method) => {
    await failure(server.url('/echo'), { method });
  });

  it('is put in capitals only where the standard says so', async () => {
    // Node's parser knows no `patch`, which is how one sees what was sent.
    expect((await fetch(server.url('/echo'), { method: 'patch' }).catch(() => ({ status: 400 }))).status).toBe(400);
  });
});

describe('header fields', () => {
  it.each([
    ['a record', { 'X-A': '1', 'x-b': '2' }],
    [
      'pairs',
      [
        ['X-A', '1'],
        ['x-b', '2'],
      ] as [string, string][],
    ],
    ['Headers', new Headers({ 'X-A': '1', 'x-b': '2' })],
  ])('come from %s', async (_, headers) => {
    const got = await echo(server.url('/echo'), { headers });
    expect([field(got, 'x-a'), field(got, 'x-b')]).toEqual(['1', '2']);
  });

  it('of the same name are joined', async () => {
    const headers: [string, string][] = [
      ['x-a', '1'],
      ['X-A', '2'],
    ];
    expect((await echo(server.url('/echo'), { headers })).headers).toContainEqual(['x-a', '1, 2']);
  });

  it('that are the transport’s own are left out without a word', async () => {
    const forbidden = {
      Host: 'evil.test',
      Connection: 'close',
      'Content-Length': '99',
      'Transfer-Encoding': 'x',
      Expect: 'x',
    };
    const got = await post('body', { headers: { ...forbidden, TE: 'x', Upgrade: 'x', 'Keep-Alive': 'x', 'x-a': '1' } });
    expect(field(got, 'host')).toBe(`127.0.0.1:${server.port}`);
    expect([field(got, 'content-length'), field(got, 'x-a')]).toEqual(['4', '1']);
    for (const name of ['te', 'upgrade', 'expect', 'transfer-encoding']) expect(field(got, name)).toBeUndefined();
  });

  it.each([
    [{ 'a b': '1' }],
    [{ 'x-a': 'b\nc' }],
    [{ 'x-a': 'b\0' }],
    [{ 'x-a': '嘊嘍' }],
    [[['a']]],
    [[['a', 'b', 'c']]],
    [['ab']],
    [7],
  ])('that cannot be are a TypeError (%#)', async (headers) => {
    await failure(server.url('/echo'), { headers });
  });

  it('ask for anything unless said otherwise', async () => {
    expect(field(await echo(server.url('/echo')), 'accept')).toBe('*/*');
    expect(field(await echo(server.url('/echo'), { headers: { accept: 'text/css' } }), 'accept')).toBe('text/css');
  });
});

describe('a body', () => {
  const bytes = new TextEncoder().encode('bytes');

  it.each<[string, () => RequestInit['body'] | object, string, string | undefined]>([
    ['text', () => 'häh', 'häh', 'text/plain;charset=UTF-8'],
    ['empty text', () => '', '', 'text/plain;charset=UTF-8'],
    [
      'URLSearchParams',
      () => new URLSearchParams({ a: 'b c' }),
      'a=b+c',
      'application/x-www-form-urlencoded;charset=UTF-8',
    ],
    ['a Blob', () => new Blob(['blob'], { type: 'text/css' }), 'blob', 'text/css'],
    ['a Blob without a type', () => new Blob(['blob']), 'blob', undefined],
    ['a Uint8Array', () => bytes, 'bytes', undefined],
    ['a part of an ArrayBuffer', () => bytes.subarray(1, 3), 'yt', undefined],
    ['an ArrayBuffer', () => bytes.buffer.slice(0), 'bytes', undefined],
    ['a DataView', () => new DataView(bytes.buffer.slice(0)), 'bytes', undefined],
    ['a ReadableStream', () => new Blob(['web']).stream(), 'web', undefined],
    ['a Node stream', () => Readable.from([Buffer.from('node')]), 'node', undefined],
    ['a number', () => 7 as never, '7', 'text/plain;charset=UTF-8'],
    ['an object', () => ({}), '[object Object]', 'text/plain;charset=UTF-8'],
  ])('of %s is sent with its type', async (_, make, sent, type) => {
    const got = await post(make(), { duplex: 'half' } as RequestInit);
    expect([got.body.text, field(got, 'content-type')]).toEqual([sent, type]);
    const own = await post(make(), { headers: { 'content-type': 'my/own' }, duplex: 'half' } as RequestInit);
    expect(field(own, 'content-type')).toBe('my/own');
  });

  it('of FormData is multipart, with the boundary it says', async () => {
    const form = new FormData();
    form.append('a', 'b');
    form.append('f', new File(['file'], 'f.txt', { type: 'text/x-f' }));
    const got = await post(form);
    const boundary = /^multipart\/form-data; ?boundary=(.+)$/.exec(field(got, 'content-type')!)![1]!;
    expect(got.body.text).toContain(`--${boundary}\r\ncontent-disposition: form-data; name="a"\r\n\r\nb\r\n`);
    const response = await fetch(server.url('/upload/multipart'), { method: 'POST', body: form });
    expect(await response.json()).toMatchObject({
      parts: [{ name: 'a' }, { name: 'f', filename: 'f.txt', type: 'text/x-f', size: 4 }],
    });
  });

  it('with GET or HEAD is a TypeError', async () => {
    for (const method of ['GET', 'HEAD', 'get']) {
      for (const body of ['x', '', new Blob([]), new ReadableStream()])
        await failure(server.url('/echo'), { method, body });
    }
    expect((await echo(server.url('/echo'), { method: 'GET', body: null })).method).toBe('GET');
  });

  it('that is null or undefined is none', async () => {
    for (const body of [null, undefined]) {
      const got = await post(body);
      expect([got.body.bytes, field(got, 'content-type')]).toEqual([0, undefined]);
    }
  });

  it('that is a stream is sent once, as it comes', async () => {
    let pulled = 0;
    const stream = new ReadableStream({
      pull(controller) {
        if (++pulled > 3) controller.close();
        else controller.enqueue(new TextEncoder().encode(`piece ${pulled};`));
      },
    });
    expect((await post(stream, { duplex: 'half' } as RequestInit)).body.text).toBe('piece 1;piece 2;piece 3;');
    await failure(server.url('/echo'), { method: 'POST', body: stream, duplex: 'half' });
  });

  it('that fails is a TypeError, and the server sees no end of it', async () => {
    const mine = new Error('mine');
    const stream = new ReadableStream({ pull: (controller) => controller.error(mine) });
    const error: unknown = await fetch(server.url('/upload?id=failing'), { method: 'POST', body: stream }).catch(
      (e) => e,
    );
    expect([error, (error as Error).cause]).toContain(mine);
    expect(server.requests().filter(({ id, body }) => id === 'failing' && body.complete)).toEqual([]);
  });
});
