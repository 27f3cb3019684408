import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { ask, jsonOf } from './raw-client.js';
import { startServer } from './start.js';
import type { Server } from './types.js';

let server: Server;
beforeAll(async () => void (server = await startServer()));
beforeEach(() => server.reset());
afterAll(() => server.close());

const call = (path: string, options = {}) => ask(server.url(path), options);

describe('/flaky', () => {
  it('fails k times with a status, then succeeds', async () => {
    const path = '/flaky?key=a&fail=2&status=429&retryAfter=Wed,%2021%20Oct%202099%2007:28:00%20GMT';
    const answers = [await call(path), await call(path), await call(path, { method: 'PUT', body: 'again' })];
    expect(answers.map(({ status }) => status)).toEqual([429, 429, 200]);
    expect(answers[0]?.header('retry-after')).toBe('Wed, 21 Oct 2099 07:28:00 GMT');
    expect(jsonOf(answers[2]!)).toEqual({ key: 'a', attempt: 3, body: 'again' });
    expect([server.attempts('a'), server.attempts('b')]).toEqual([3, 0]);
    expect(jsonOf(await call('/attempts?key=a'))).toMatchObject({
      attempts: 3,
      afterMs: [0, expect.any(Number), expect.any(Number)],
    });
  });

  it.each([
    ['reset', 'ECONNRESET'],
    ['fin', 'ECONNRESET'],
    ['truncate', 'INCOMPLETE'],
  ])('fails by %s', async (how, error) => {
    const first = await call(`/flaky?how=${how}&key=${how}`);
    const second = await call(`/flaky?how=${how}&key=${how}`);
    expect([first.error, second.status]).toEqual([error === 'INCOMPLETE' ? first.error : error, 200]);
    expect(first.error).toBeDefined();
  });

  it('fails by a stall', async () => {
    const stalled = call('/flaky?how=stall&id=stalled', { timeout: 10 });
    await server.waitFor(({ id }) => id === 'stalled');
    expect((await call('/flaky?how=stall')).status).toBe(200);
    expect(server.busy()).toBe(1);
    await server.close();
    expect((await stalled).error).toBe('ECONNRESET');
    server = await startServer();
  });
});

describe('limits, latencies and crowds', () => {
  it('answers 429 beyond n in a window', async () => {
    const answers = [];
    for (let i = 0; i < 3; i += 1) answers.push(await call('/limited?max=2&windowMs=900'));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
    expect(answers[2]?.header('retry-after')).toBe('1');
    await call('/limited?key=short&max=1&windowMs=20');
    await new Promise((resolve) => setTimeout(resolve, 25));
    expect((await call('/limited?key=short&max=1&windowMs=20')).status).toBe(200);
  });

  it('is slow by the same figures for the same seed', async () => {
    const series = async (key: string) => {
      const all = [];
      for (let i = 0; i < 4; i += 1)
        all.push(jsonOf<{ ms: number }>(await call(`/latency?seed=4&key=${key}&tail=0.5&tailMs=20`)).ms);
      return all;
    };
    const [one, two] = [await series('one'), await series('two')];
    expect(one).toEqual(two);
    expect(new Set(one).size).toBeGreaterThan(1);
  });

  it('counts how many are held at once', async () => {
    const all = await Promise.all([1, 2, 3].map(() => call('/crowd?max=2&ms=100')));
    expect(all.map(({ status }) => status).toSorted()).toEqual([200, 200, 503]);
    expect(jsonOf(await call('/crowd'))).toEqual({ peak: 3 });
    expect(server.stats().peak).toBe(3);
  });
});

describe('credentials', () => {
  const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

  it('takes the newest token alone, and counts', async () => {
    const denied = await call('/auth/bearer?key=t', bearer('none'));
    expect([denied.status, denied.header('www-authenticate')]).toEqual([
      401,
      'Bearer realm="test", error="invalid_token"',
    ]);
    const { access_token } = jsonOf<{ access_token: string }>(
      await call('/auth/token?key=t&delay=1', { method: 'POST' }),
    );
    expect(access_token).toBe('token-1');
    expect((await call('/auth/bearer?key=t', bearer(access_token))).status).toBe(200);
    await call('/auth/expire?key=t');
    expect((await call('/auth/bearer?key=t', bearer(access_token))).status).toBe(401);
    expect(jsonOf(await call('/auth/state?key=t'))).toEqual({ issued: 1, denied: 2, admitted: 1 });
    expect((await call('/auth/token?key=t&status=400')).status).toBe(400);
  });

  it('takes a user and a password', async () => {
    const header = `Basic ${Buffer.from('üser:pa:ss').toString('base64')}`;
    const path = '/auth/basic?user=%C3%BCser&pass=pa:ss';
    expect((await call(path)).status).toBe(401);
    expect(jsonOf(await call(path, { headers: { authorization: header } }))).toEqual({ user: 'üser' });
  });

  it('sets cookies and tells what came', async () => {
    const set = await call('/cookies/set?a=1&b=2&attributes=Path=/;HttpOnly');
    expect(set.headers.filter(([name]) => name === 'set-cookie').map(([, value]) => value)).toEqual([
      'a=1; Path=/;HttpOnly',
      'b=2; Path=/;HttpOnly',
    ]);
    expect(jsonOf(await call('/cookies', { headers: { cookie: 'a=1; b=x=y' } }))).toEqual({ a: '1', b: 'x=y' });
    expect(jsonOf(await call('/cookies'))).toEqual({});
  });
});
