import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { undici, type UndiciOptions } from '../../lib/transport/undici.js';
import { setUp, type SetUp } from '../support/contract/bench.js';
import { eventually, pass } from '../support/contract/check.js';
import { type Proxy, type ProxyOptions, startProxy, startTcp, testAuthority } from '../support/server.js';
import { type Facts, startFacts } from './facts.js';

let at: Facts;
let proxy: Proxy;
beforeAll(async () => {
  at = await startFacts();
});
afterAll(() => at.server.close());
beforeEach(() => at.server.reset());
afterEach(() => proxy.close());

/** Runs `body` on a transport behind a proxy of its own. */
async function behind(
  options: ProxyOptions,
  ours: (url: string) => UndiciOptions,
  body: (bench: SetUp['bench']) => Promise<void>,
) {
  proxy = await startProxy(options);
  const transport = undici({ tls: { ca: testAuthority }, ...ours(proxy.origin) });
  const { bench, abortAll, verify } = setUp(transport, at.facts);
  try {
    await body(bench);
  } finally {
    abortAll();
    await transport.close!();
  }
  verify();
}

const plain = (url: string): UndiciOptions => ({ proxy: url });
const withPassword = (url: string): UndiciOptions => ({ proxy: url.replace('//', '//us%40er:p%3Ass@') });

describe('undici through a proxy', () => {
  it('opens a tunnel, to http: and https: alike, and uses it again', () =>
    behind({}, plain, async (bench) => {
      for (const { origin } of [at.server, at.server.secure]) {
        await bench.fetch(`${origin}/json`);
        expect((await bench.fetch(`${origin}/bytes?size=300000`)).sink.bytes).toBe(300_000);
      }

      expect(proxy.proxied().map(({ kind, target }) => [kind, target])).toEqual([
        ['tunnel', `127.0.0.1:${at.server.port}`],
        ['tunnel', `127.0.0.1:${at.server.secure.port}`],
      ]);
    }));

  it('sends HTTP/2 through it', () =>
    behind(
      {},
      (url) => ({ proxy: url, http2: true }),
      async (bench) => {
        const all = await Promise.all(Array.from({ length: 5 }, () => bench.fetch(`${at.server.h2.origin}/echo`)));

        expect(all.map(({ sink }) => JSON.parse(sink.text).httpVersion)).toEqual(all.map(() => '2.0'));
        expect(proxy.tunnels()).toBe(1);
      },
    ));

  it('shows its credentials to the proxy, and to nobody else', () =>
    behind({ credentials: 'us@er:p:ss' }, withPassword, async (bench) => {
      const { sink } = await bench.fetch('/echo', { headers: [['authorization', 'Bearer ours']] });

      expect(proxy.proxied()).toMatchObject([{ outcome: 'open', authorization: expect.stringMatching(/^Basic /) }]);
      expect(JSON.stringify(JSON.parse(sink.text).headers).toLowerCase()).not.toContain('proxy');
    }));

  it('can show other credentials than a password, and further fields', () =>
    behind(
      {},
      (url) => ({ proxy: { url, authorization: 'Bearer token', headers: { 'x-team': 'a' } } }),
      async (bench) => {
        await bench.fetch('/json');

        expect(proxy.proxied()).toMatchObject([{ authorization: 'Bearer token' }]);
      },
    ));

  it('fails where the proxy refuses, without naming the password', () =>
    behind({ credentials: 'other:pass' }, withPassword, async (bench) => {
      const error = await bench.failure('/json');

      expect(error).toMatchObject({ kind: 'network', phase: 'connect', retryable: false });
      expect(error.message).toContain(`${proxy.origin} answered 407`);
      expect(error.message).not.toContain('ss');
      expect(at.server.requests()).toEqual([]);
    }));

  it('gives each call that waits for one tunnel an error of its own', () =>
    behind(
      { refuse: 403 },
      (url) => ({ proxy: url, http2: true }),
      async (bench) => {
        const all = await Promise.all([1, 2].map(() => bench.failure(`${at.server.h2.origin}/json`)));

        expect(all).toMatchObject(all.map(() => ({ phase: 'connect', retryable: false })));
        expect(all[0]).not.toBe(all[1]);
      },
    ));

  it('may try again where the proxy is out of order', () =>
    behind({ refuse: 503 }, plain, async (bench) => {
      expect(await bench.failure('/json')).toMatchObject({ kind: 'network', phase: 'connect', retryable: true });
    }));

  it('fails where the proxy hangs up, and where there is none', () =>
    behind({ refuse: 'reset' }, plain, async (bench) => {
      const target = `${at.server.secure.origin}/json`;
      expect(await bench.failure(target)).toMatchObject({ kind: 'network', phase: 'connect', retryable: true });
      await proxy.close();
      expect(await bench.failure(target)).toMatchObject({ kind: 'network', phase: 'connect', retryable: true });
    }));

  it('checks the certificate of the target, not that of the proxy', () =>
    behind({}, plain, async (bench) => {
      expect(await bench.failure(`${at.server.expired.origin}/json`)).toMatchObject({ kind: 'network', phase: 'tls' });
    }));

  it('gives the tunnel up when the call is aborted while it waits for it', async () => {
    const silent = await startTcp();
    await behind(
      {},
      () => ({ proxy: silent.origin }),
      async (bench) => {
        const { handle, sink } = bench.open('/json');
        await eventually(() => silent.sockets() === 1, 'the connection');
        await pass(20);
        handle.abort();
        await eventually(() => silent.sockets() === 0, 'the connection is closed');

        expect(sink.events).toEqual([]);
      },
    );
    await silent.close();
  });
});
