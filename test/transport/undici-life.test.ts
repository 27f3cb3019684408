import { getActiveResourcesInfo } from 'node:process';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { undici, type UndiciOptions } from '../../lib/transport/undici.js';
import { setUp } from '../support/contract/bench.js';
import { eventually, pass } from '../support/contract/check.js';
import { source } from '../support/contract/patterns.js';
import { contractServer } from '../support/contract/server-facts.js';
import type { ContractServer } from '../support/contract/types.js';
import { forkServer, type RemoteServer, startTcp, testAuthority } from '../support/server.js';

// In a process of its own: every socket in this one is the transport's.
let server: RemoteServer;
let facts: ContractServer;
beforeAll(async () => {
  server = await forkServer();
  const addresses = { origin: server.origin, other: server.other.origin, refused: 'http://127.0.0.1:9' };
  facts = contractServer(addresses, async (id) => (await server.requests()).filter((seen) => seen.id === id));
});
afterAll(() => server.close());

const started = (options?: UndiciOptions) => {
  const transport = undici(options);
  return { transport, ...setUp(transport, facts) };
};

/** What keeps this process alive and is of the net. */
const resources = () =>
  getActiveResourcesInfo()
    .filter((name) => /TCP|TLS|Pipe(Wrap)?$|DNS|GetAddrInfo/i.test(name))
    .toSorted();

describe('close', () => {
  it('waits for what runs and for what waits, and leaves no socket', async () => {
    const { transport, bench, verify } = started({ connections: 1 });
    const all = [bench.open('/reply?headDelay=50&body=first'), bench.open('/reply?body=second')];
    await transport.close!();

    expect(all.map(({ sink }) => sink.text)).toEqual(['first', 'second']);
    await eventuallyNone();
    verify();
  });

  it('refuses every later call, with an error that says so', async () => {
    const { transport, bench, verify } = started();
    await bench.fetch('/json');
    await transport.close!();

    expect(await bench.failure('/json')).toMatchObject({ kind: 'rejected', why: 'closed', retryable: false });
    expect((await bench.failure('/json')).message).toContain('closed');
    verify();
  });

  it('can be called twice, and on a transport that was never used', async () => {
    const { transport } = started();

    expect(await Promise.all([transport.close!(), transport.close!()])).toEqual([undefined, undefined]);
  });

  it('closes connections that are idle, also of HTTP/2', async () => {
    const { transport, bench } = started({ http2: true, tls: { ca: testAuthority } });
    await Promise.all(
      [server.origin, server.other.origin, server.h2.origin].map((origin) => bench.fetch(`${origin}/json`)),
    );
    expect(await server.sockets()).toBe(3);
    await transport.close!();
    await eventuallyNone();
  });
});

describe('what is left', () => {
  let before: readonly string[];
  beforeEach(() => {
    before = resources();
  });

  it('of idle connections does not keep the process alive', async () => {
    const { transport, bench } = started({ keepAliveMs: 60_000, http2: true, tls: { ca: testAuthority } });
    await bench.fetch('/json');
    await bench.fetch(`${server.h2.origin}/json`);
    await eventually(() => resources().join() === before.join(), `${resources().join()} to go`);

    expect(await server.sockets()).toBe(2);
    await transport.close!();
  });

  it('of aborted exchanges is nothing, at whatever moment they were aborted', async () => {
    const { transport, bench, verify } = started();
    const on = { head: ({ handle }: { handle: { pause(): void } }) => handle.pause() };
    const upload = { method: 'POST', body: source(Infinity, 65_536) };
    const all = [
      bench.open('/bad/stall-before-head'),
      bench.open('/drip?bytes=endless'),
      bench.open('/bytes?size=50000000', { on }),
      bench.open('/bomb', { on }),
      bench.open('/upload/slow?rate=10000000', upload),
    ];
    await Promise.all(all.map(({ id }) => facts.seen(id, 'arrived')));
    await pass(50);
    for (const { handle } of [...all, bench.open('/json')]) handle.abort();
    await eventuallyNone();

    expect(upload.body.released).toBe(true);
    expect(resources()).toEqual(before);
    await transport.close!();
    verify();
  });

  it('of an exchange aborted while it connects is nothing: the attempt is given up', async () => {
    const tcp = await startTcp();
    before = resources();
    const { transport, bench, verify } = started();
    const { handle, sink } = bench.open(`${tcp.secureOrigin}/`);
    await eventually(() => tcp.sockets() === 1, 'the connection');
    handle.abort();
    await eventually(() => tcp.sockets() === 0, 'the connection is closed');

    expect([sink.events, resources()]).toEqual([[], before]);
    await transport.close!();
    await tcp.close();
    verify();
  });

  it('of a connection attempt that takes too long is an error that says how long', async () => {
    const tcp = await startTcp();
    const { transport, bench, verify } = started({ connectMs: 200 });
    const error = await bench.failure(`${tcp.secureOrigin}/`);

    expect(error).toMatchObject({ kind: 'network', phase: 'connect', retryable: true });
    expect(error.message).toContain('200');
    await eventually(() => tcp.sockets() === 0, 'the connection is closed');
    await transport.close!();
    await tcp.close();
    verify();
  });
});

async function eventuallyNone(): Promise<void> {
  for (let i = 0; i < 400 && (await server.sockets()) > 0; i++) await pass(5);
  expect(await server.sockets()).toBe(0);
}
