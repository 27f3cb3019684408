import { connect } from 'node:net';

import { describe, expect, it } from 'vitest';

import { forkServer } from './fork.js';
import { startProxy } from './proxy.js';
import { ask, jsonOf, talk } from './raw-client.js';
import { startServer } from './start.js';
import { nowhere, refusedOrigin, startTcp } from './tcp.js';

describe('a forked server', () => {
  it('answers the same questions from a process of its own', async () => {
    const server = await forkServer({ pages: { '/p.html': 'page' } });
    expect(server.pid).not.toBe(process.pid);
    expect(jsonOf(await ask(server.url('/echo?id=one')))).toMatchObject({ at: server.origin });
    expect(jsonOf(await ask(server.secure.url('/echo')))).toMatchObject({ at: server.secure.origin });
    expect((await ask(server.url('/p.html'))).text).toBe('page');
    expect(await server.requests()).toMatchObject([{ id: 'one' }, { state: 'finished' }]);
    expect(await server.waitFor(({ id }) => id === 'one')).toMatchObject({ path: '/echo' });
    const left = server.closed('gone');
    await ask(server.url('/bad/stall-mid-body?id=gone'), { abortAfterMs: 5 });
    expect(await left).toMatchObject({ state: 'aborted' });
    await expect(server.closed('never', 5)).rejects.toThrow('No exchange matched');
    await expect(server.waitFor(() => false, 5)).rejects.toThrow('No exchange matched');
    expect(await server.stats()).toMatchObject({ pid: server.pid, requests: 3, busy: 0 });
    expect([await server.busy(), await server.attempts('k'), await server.preflights()]).toEqual([0, 0, []]);
    await server.page('/late.txt', 'late');
    expect((await ask(server.url('/late.txt'))).text).toBe('late');
    await server.reset();
    expect(await server.requests()).toEqual([]);
    await server.close();
    await server.close();
    expect((await ask(server.url('/echo'))).error).toBe('ECONNREFUSED');
    await expect(server.stats()).rejects.toThrow(/closed/);
  });
});

describe('a bomb', () => {
  it('is a thousandth on the wire and costs the server no memory', async () => {
    const server = await forkServer();
    await ask(server.url('/bomb?bytes=1000000'));
    const before = (await server.stats()).rssBytes;
    expect((await ask(server.url('/bomb?bytes=128e6'))).body.length).toBeLessThan(140_000);
    expect((await server.stats()).rssBytes - before).toBeLessThan(48e6);
    await server.close();
  }, 20_000);
});

describe('a proxy', () => {
  const open = (port: number, target: string, headers = '', patienceMs = 4000) =>
    talk(port, `CONNECT ${target} HTTP/1.1\r\nhost: ${target}\r\n${headers}\r\n`, { until: '\r\n\r\n', patienceMs });

  it('makes tunnels, forwards requests, and counts both', async () => {
    const [server, proxy] = [await startServer(), await startProxy()];
    const request = `CONNECT far.test:${server.port} HTTP/1.1\r\n\r\n`;
    const inside = 'GET /reply?body=through HTTP/1.1\r\nhost: far.test\r\n\r\n';
    expect((await talk(proxy.port, request + inside, { until: 'through' })).bytes).toMatch(
      /^HTTP\/1.1 200 [^]*through$/,
    );
    const forwarded = await talk(
      proxy.port,
      `GET http://far.test:${server.port}/reply?body=on HTTP/1.1\r\nhost: far\r\n\r\n`,
      { until: '\r\n\r\non' },
    );
    expect(forwarded.bytes).toContain('200 OK');
    expect(proxy.proxied().map(({ kind }) => kind)).toEqual(['tunnel', 'forward']);
    expect([proxy.tunnels(), server.requests().length]).toEqual([1, 2]);
    await expect.poll(proxy.sockets).toBe(0);
    expect((await open(proxy.port, 'far.test:1')).bytes).toContain(' 502 ');
    await Promise.all([proxy.close(), server.close()]);
  });

  it('asks for credentials', async () => {
    const [server, proxy] = [await startServer(), await startProxy({ credentials: 'me:secret' })];
    expect((await open(proxy.port, `a.test:${server.port}`)).bytes).toMatch(/ 407 [^]*proxy-authenticate: Basic/);
    const given = `proxy-authorization: Basic ${Buffer.from('me:secret').toString('base64')}\r\n`;
    expect((await open(proxy.port, `a.test:${server.port}`, given)).bytes).toContain(' 200 ');
    expect(proxy.proxied().map(({ outcome }) => outcome)).toEqual(['refused', 'open']);
    await Promise.all([proxy.close(), server.close()]);
  });

  it.each([
    [403, / 403 /, 'open'],
    ['reset', /^$/, 'reset'],
    ['stall', /^$/, 'open'],
  ] as const)('refuses by %s', async (refuse, text, ended) => {
    const proxy = await startProxy({ refuse });
    const answer = await open(proxy.port, 'a.test:443', '', refuse === 'stall' ? 100 : 4000);
    expect(answer.bytes).toMatch(text);
    expect(answer.ended).toBe(ended);
    expect(proxy.tunnels()).toBe(0);
    await proxy.close();
  });
});

describe('addresses without a server', () => {
  it('refuse, or resolve to nothing', async () => {
    expect((await ask(await refusedOrigin())).error).toBe('ECONNREFUSED');
    expect((await ask(nowhere)).error).toMatch(/^(ENOTFOUND|EAI_AGAIN)$/);
  });

  it('accept and say nothing, or what they are told', async () => {
    const silent = await startTcp();
    const answer = ask(`${silent.secureOrigin}/`);
    await expect.poll(silent.sockets).toBe(1);
    await silent.close();
    expect((await answer).error).toBe('ECONNRESET');
    const rude = await startTcp((socket, number) => socket.end(`number ${number}`));
    expect(await talk(rude.port, 'hello')).toEqual({ bytes: 'number 1', ended: 'fin' });
    const socket = connect(rude.port, '127.0.0.1');
    await expect.poll(rude.accepted).toBe(2);
    socket.destroy();
    await rude.close();
  });
});
