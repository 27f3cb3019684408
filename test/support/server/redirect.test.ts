import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { ask, get, talk } from './raw-client.js';
import { startServer } from './start.js';
import type { Server } from './types.js';

let server: Server;
beforeAll(async () => void (server = await startServer()));
afterAll(() => server.close());

const call = (path: string, options = {}) => ask(server.url(path), options);
const locationsOf = ({ headers }: Awaited<ReturnType<typeof ask>>) =>
  headers.filter(([name]) => name === 'location').map(([, value]) => value);

const places = [
  'http://other.test/x',
  '/relative?a=b',
  '//protocol.relative/x',
  '',
  'http://[not an address',
  'javascript:alert(1)',
  'data:text/plain,x',
  'file:///etc/hosts',
  'unix:/socket:/path',
  'http://user:pass@host.test/',
  '/with#fragment',
  '/with spaces and "quotes"',
  '..\\back',
];

describe('redirects', () => {
  it.each([300, 301, 302, 303, 304, 305, 307, 308])('answer %i with the location given', async (status) => {
    const answer = await call(`/redirect?status=${status}&to=/echo`);
    expect([answer.status, ...locationsOf(answer)]).toEqual([status, '/echo']);
  });

  it.each(places)('lead to %o, byte for byte', async (place) => {
    expect(locationsOf(await call(`/redirect?to=${encodeURIComponent(place)}`))).toEqual([place]);
  });

  it('lead nowhere, to two places, and to UTF-8', async () => {
    expect(locationsOf(await call('/redirect'))).toEqual([]);
    expect(locationsOf(await call('/redirect?to=/a&to=/b'))).toEqual(['/a', '/b']);
    expect((await talk(server.port, get('/redirect?to=/%E2%82%AC'), { until: 'moved' })).bytes).toContain(
      'location: /\xe2\x82\xac\r\n',
    );
  });

  it('bring cookies, headers and bodies that drip or are huge', async () => {
    const cookies = await call('/redirect?to=/echo&cookie=a=1&cookie=b=2;Secure&header=x-a:1');
    expect(cookies.headers.filter(([name]) => name === 'set-cookie')).toHaveLength(2);
    expect(cookies.header('x-a')).toBe('1');
    expect((await call('/redirect?to=/echo&drip=4')).text).toBe('xxxx');
    expect((await call('/redirect?to=/echo&size=200000')).body).toHaveLength(200_000);
    expect((await call('/redirect?to=/echo&body=read%20me')).text).toBe('read me');
  });

  it('go on for n hops, then arrive', async () => {
    let path = '/redirect/chain?n=4&status=307';
    const hops: string[] = [];
    for (; path.startsWith('/redirect'); hops.push(path)) path = locationsOf(await call(path))[0] ?? '';
    expect([hops.length, path]).toEqual([4, '/echo']);
    const elsewhere = await call(`/redirect/chain?n=1&to=${encodeURIComponent(server.other.url('/echo'))}`);
    expect(locationsOf(elsewhere)).toEqual([server.other.url('/echo')]);
  });

  it('go round for ever', async () => {
    expect(locationsOf(await call('/redirect/loop'))).toEqual(['/redirect/loop/b']);
    expect(locationsOf(await call('/redirect/loop/b'))).toEqual(['/redirect/loop']);
  });
});
