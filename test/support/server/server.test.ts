import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { type Answer, ask, get, jsonOf, talk } from './raw-client.js';
import { startServer } from './start.js';
import type { Server } from './types.js';

let server: Server;
beforeAll(async () => {
  server = await startServer({
    pages: { '/page.html': '<!doctype html><title>page</title>' },
    directories: { '/src/': new URL('.', import.meta.url).pathname },
    routes: { '/own': (x) => x.send(200, [], `own ${x.path}`), '/throws': () => Promise.reject(new Error('planted')) },
  });
});
beforeEach(() => server.reset());
afterAll(() => server.close());

const call = (path: string, options = {}): Promise<Answer> => ask(server.url(path), options);

describe('the echo', () => {
  it('tells the request as it arrived', async () => {
    const headers = { 'X-Case': 'Kept', 'content-type': 'text/plain' };
    const answer = await call('/echo/deep%2Fer?a=1&a=%20', { method: 'PUT', headers, body: 'grüße' });
    const told = jsonOf<{ headers: [string, string][]; method: string; url: string; body: object }>(answer);
    expect(told).toMatchObject({ method: 'PUT', url: '/echo/deep%2Fer?a=1&a=%20', at: server.origin });
    expect(told.body).toMatchObject({ bytes: 7, text: 'grüße', base64: 'Z3LDvMOfZQ==' });
    expect(told.headers).toContainEqual(['X-Case', 'Kept']);
  });

  it('tells the trailers of a request', async () => {
    const request =
      'POST /echo HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\ntrailer: x-t\r\n\r\n2\r\nhi\r\n0\r\nX-T: end\r\n\r\n';
    expect((await talk(server.port, request, { until: '"hi"' })).bytes).toContain('"trailers":[["X-T","end"]]');
  });

  it('answers HEAD with a head alone', async () => {
    const answer = await call('/echo', { method: 'HEAD' });
    expect(answer.body).toHaveLength(0);
    expect(Number(answer.header('content-length'))).toBeGreaterThan(100);
  });
});

describe('/reply', () => {
  it('sends any status, reason, type, header and body', async () => {
    const answer = await call(
      '/reply?status=418&reason=Short%20Stout&type=a/b&header=x-a:1&header=x-a:%C3%BC&body=tea',
    );
    expect(answer).toMatchObject({ status: 418, reason: 'Short Stout', text: 'tea' });
    expect(answer.headers).toEqual(
      expect.arrayContaining([
        ['x-a', '1'],
        ['content-type', 'a/b'],
      ]),
    );
    expect(answer.headers.filter(([name]) => name === 'x-a')).toHaveLength(2);
  });

  it('sends bytes, fillings, chunks and trailers', async () => {
    expect((await call('/reply?base64=/w%3D%3D')).body).toEqual(Buffer.from([255]));
    expect((await call('/reply?size=3&fill=ab')).text).toBe('aba');
    const chunked = await call('/reply?body=x&trailer=x-sum:1&trailer=x-end:2');
    expect(chunked.header('content-length')).toBeUndefined();
    expect(chunked.trailers).toEqual([
      ['x-sum', '1'],
      ['x-end', '2'],
    ]);
    expect((await call('/reply?body=x&length=no')).header('transfer-encoding')).toBe('chunked');
  });

  it('sends 1xx before the head, and waits where told', async () => {
    const from = performance.now();
    const answer = await call('/reply?info=100&info=103&headDelay=15&bodyDelay=15&body=late');
    expect(answer).toMatchObject({ text: 'late', status: 200 });
    expect(performance.now() - from).toBeGreaterThan(28);
    expect((await talk(server.port, get('/reply?info=103&info=100&body=x'), { until: '\r\n\r\nx' })).bytes).toMatch(
      /^HTTP\/1.1 103 [^]*\r\n\r\nHTTP\/1.1 100 [^]*\r\n\r\nHTTP\/1.1 200 OK/,
    );
  });
});

describe('fixed answers', () => {
  it.each([
    ['/json', 'application/json', /"ok":true/],
    ['/json/empty', 'application/json', /^$/],
    ['/json/bom', 'application/json', /^\uFEFF\{/],
    ['/json/invalid', 'application/json', /:$/],
    ['/text/invalid-utf8', 'text/plain; charset=utf-8', /^a�/],
    ['/text/latin1', 'text/plain; charset=iso-8859-1', /caf/],
    ['/text/utf16', 'text/plain; charset=utf-16le', /c\0a\0f/],
    ['/text/unknown-charset', 'text/plain; charset=nonsense', /café/],
    ['/problem', 'application/problem+json', /Out of credit/],
  ])('%s has its type and its bytes', async (path, type, text) => {
    const answer = await call(path);
    expect(answer.header('content-type')).toBe(type);
    expect(answer.text).toMatch(text);
  });

  it.each([204, 205, 304])('%i comes with no body, or with the body it must not have', async (status) => {
    const empty = await talk(server.port, get(`/no-content?status=${status}`), { until: '\r\n\r\n' });
    expect(empty.bytes).toMatch(new RegExp(`^HTTP/1.1 ${status} [^]*\r\n\r\n$`));
    const illegal = await talk(server.port, get(`/no-content?status=${status}&body=illegal`), { until: 'illegal' });
    expect(illegal.bytes).toMatch(new RegExp(`^HTTP/1.1 ${status} [^]*content-length: 7\r\n\r\nillegal$`));
  });

  it('sends n bytes, with and without their number', async () => {
    const answer = await call('/bytes?size=100000');
    expect(answer.body).toHaveLength(100_000);
    expect(answer.body[99_999]).toBe(99_999 % 256);
    expect((await call('/bytes?size=70000&length=no')).body).toHaveLength(70_000);
    expect((await call('/bytes?size=70000', { method: 'HEAD' })).header('content-length')).toBe('70000');
  });

  it('sends headers twice, long, in numbers, and many cookies', async () => {
    const twice = await call('/headers/duplicate');
    expect(twice.headers.filter(([name]) => name === 'x-twice').map(([, value]) => value)).toEqual(['one', 'two']);
    const cookies = await call('/headers/cookies');
    expect(cookies.headers.filter(([name]) => name === 'set-cookie')).toHaveLength(3);
    expect((await call('/headers/long?bytes=9000')).header('x-long')).toHaveLength(9000);
    expect((await call('/headers/many?count=300')).header('x-many-300')).toBe('300');
  });
});

describe('the log', () => {
  it('has each exchange with its body, its connection and its end', async () => {
    await call('/echo?id=mine', { method: 'POST', body: 'hello' });
    const [seen] = server.requests();
    expect(seen).toMatchObject({ id: 'mine', method: 'POST', state: 'finished', status: 200, at: server.origin });
    expect(seen?.body).toMatchObject({ bytes: 5, text: 'hello', complete: true });
    expect(server.stats()).toMatchObject({ requests: 1, finished: 1, busy: 0, peak: 1, faults: [] });
  });

  it('tells when the client left, before and after it is asked', async () => {
    const left = server.closed('gone');
    await call('/bad/stall-mid-body?id=gone', { abortAfterMs: 5 });
    expect(await left).toMatchObject({ id: 'gone', state: 'aborted' });
    expect(await server.closed('gone')).toMatchObject({ state: 'aborted' });
    await expect(server.closed('never', 5)).rejects.toThrow('Seen: gone GET');
    expect(server.busy()).toBe(0);
  });

  it('counts what is in flight and what is connected', async () => {
    const pending = call('/reply?id=slow&headDelay=200');
    await expect.poll(() => [server.busy(), server.sockets()]).toEqual([1, 1]);
    await pending;
    await expect.poll(server.sockets).toBe(0);
  });

  it('keeps the faults of routes', async () => {
    expect(await call('/throws')).toMatchObject({ status: 500, text: 'the test server failed: Error: planted' });
    expect(await call('/reply?status=abc')).toMatchObject({ status: 500 });
    expect(server.stats().faults).toHaveLength(2);
  });
});

describe('other origins and pages', () => {
  it('keeps one log for three origins', async () => {
    for (const site of [server, server.other, server.third]) await ask(site.url('/echo'));
    expect(server.requests().map(({ at }) => at)).toEqual([server.origin, server.other.origin, server.third.origin]);
    expect(server.third.origin).toMatch(/^http:\/\/localhost:/);
  });

  it('lets a page of another origin read answers, credentials and all', async () => {
    const answer = await call('/reply?header=X-Own:1&body=x', { headers: { origin: 'http://page.test' } });
    expect(answer.header('access-control-allow-origin')).toBe('http://page.test');
    expect(answer.header('access-control-allow-credentials')).toBe('true');
    expect(answer.header('access-control-expose-headers')).toContain('x-own');
    expect(answer.header('timing-allow-origin')).toBe('*');
    expect((await call('/reply')).header('access-control-allow-origin')).toBeUndefined();
    const refused = await call('/reply?cors=off', { headers: { origin: 'http://page.test' } });
    expect(refused.header('access-control-allow-origin')).toBeUndefined();
  });

  it('answers preflights apart from the log', async () => {
    const asks = { 'access-control-request-method': 'PUT', 'access-control-request-headers': 'x-a' };
    const network = { 'access-control-request-private-network': 'true', origin: 'http://page.test' };
    const answer = await call('/echo?key=k', { method: 'OPTIONS', headers: { ...asks, ...network } });
    expect(answer).toMatchObject({ status: 204, text: '' });
    expect(answer.header('access-control-allow-methods')).toBe('PUT');
    expect(answer.header('access-control-allow-headers')).toBe('x-a');
    expect(answer.header('access-control-allow-private-network')).toBe('true');
    expect([server.requests().length, server.preflights().length]).toEqual([0, 1]);
  });

  it('serves pages, a directory and routes of its own, and logs no page', async () => {
    server.page('/late.js', 'export const late = 1;');
    expect((await call('/late.js')).header('content-type')).toContain('text/javascript');
    expect((await call('/page.html')).text).toContain('<title>');
    expect((await call('/src/cors.ts')).text).toContain('export function');
    expect((await talk(server.port, get('/src/../server.ts'), { until: '\r\n' })).bytes).toContain(' 404 ');
    expect((await call('/own/below')).text).toBe('own /own/below');
    expect((await call('/nothing')).status).toBe(404);
    expect(server.requests().map(({ path }) => path)).toEqual(['/src/../server.ts', '/own/below', '/nothing']);
  });

  it('answers its handle over HTTP', async () => {
    await call('/echo?id=one');
    expect(jsonOf(await call('/-/log?of=one'))).toMatchObject([{ id: 'one', state: 'finished' }]);
    expect(jsonOf(await call('/-/stats'))).toMatchObject({ requests: 1, busy: 0 });
    expect(jsonOf(await call('/-/attempts?of=none'))).toBe(0);
    expect(jsonOf(await call('/-/preflights'))).toEqual([]);
    expect((await call('/-/closed?of=one&within=5')).status).toBe(504);
    await call('/-/reset');
    expect(server.requests()).toEqual([]);
  });
});

describe('close', () => {
  it('leaves no socket, no timer and no waiter behind', async () => {
    const own = await startServer();
    const stalled = ask(own.url('/reply?headDelay=60000'));
    const dripping = ask(own.url('/drip?bytes=endless&interval=1'));
    const waiting = own.closed('never', 60_000);
    await own.waitFor(({ path, wrote }) => path === '/drip' && wrote > 0);
    await own.close();
    expect([(await stalled).error, (await dripping).error]).toEqual(['ECONNRESET', 'INCOMPLETE']);
    await expect(waiting).rejects.toThrow('the server was closed');
    expect([own.sockets(), own.busy()]).toEqual([0, 0]);
    expect((await ask(own.url('/echo'))).error).toBe('ECONNREFUSED');
  });
});
