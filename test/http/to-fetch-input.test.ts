import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type Api, createApi } from '../../lib/http/api.js';
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
const failure = async (input: Input): Promise<void> => {
  await expect(fetch(input)).rejects.toBeInstanceOf(TypeError);
};

describe('a Request', () => {
  it('is sent with its method, fields and body', async () => {
    const headers = { 'x-a': '1', 'content-type': 'my/own' };
    const got = await echo(new Request(server.url('/echo/r'), { method: 'PUT', headers, body: 'from the request' }));
    expect(got).toMatchObject({ method: 'PUT', url: '/echo/r', body: { text: 'from the request' } });
    expect([field(got, 'x-a'), field(got, 'content-type')]).toEqual(['1', 'my/own']);
  });

  it('gives way to the second argument', async () => {
    const request = new Request(server.url('/echo'), {
      method: 'POST',
      headers: { 'x-a': '1', 'x-b': '1' },
      body: 'one',
    });
    const got = await echo(request, { method: 'PUT', headers: { 'x-a': '2' }, body: 'two' });
    expect(got).toMatchObject({ method: 'PUT', body: { text: 'two' } });
    expect([field(got, 'x-a'), field(got, 'x-b')]).toEqual(['2', undefined]);
    expect(request.bodyUsed).toBe(false);
    expect((await echo(request, { body: null, method: 'PATCH' })).body.text).toBe('one');
  });

  it('is used up, and cannot be sent again', async () => {
    const request = new Request(server.url('/echo'), { method: 'POST', body: 'once' });
    await echo(request);
    expect(request.bodyUsed).toBe(true);
    await failure(request);
    const empty = new Request(server.url('/echo'), { method: 'POST' });
    expect((await echo(empty)).method).toBe('POST');
    expect((await echo(empty)).method).toBe('POST');
  });

  it('that is a clone is sent as well', async () => {
    const request = new Request(server.url('/echo'), { method: 'POST', body: 'both' });
    const clone = request.clone();
    expect([(await echo(request)).body.text, (await echo(clone)).body.text]).toEqual(['both', 'both']);
  });

  it('may be the second argument, as anything with those members', async () => {
    const request = new Request(server.url('/other'), { method: 'DELETE', headers: { 'x-a': '1' } });
    const got = await echo(server.url('/echo'), request);
    expect([got.method, field(got, 'x-a')]).toEqual(['DELETE', '1']);
  });

  it('has its form sent again after a redirect that keeps it', async () => {
    const form = new FormData();
    form.append('a', 'b');
    const request = new Request(server.url('/redirect?status=307&to=/upload/multipart'), {
      method: 'POST',
      body: form,
    });
    expect(await (await fetch(request)).json()).toMatchObject({ parts: [{ name: 'a' }] });
  });
});
