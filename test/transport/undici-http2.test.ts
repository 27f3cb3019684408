import { createSecureServer, type Http2SecureServer, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { DEFAULT_LIMITS } from '../../lib/core/wire.js';
import { undici, type UndiciOptions } from '../../lib/transport/undici.js';
import { setUp, type SetUp } from '../support/contract/bench.js';
import { eventually } from '../support/contract/check.js';
import { transportContract } from '../support/contract/index.js';
import { pattern, patterned, source } from '../support/contract/patterns.js';
import type { Ask, Opened } from '../support/contract/types.js';
import { identityOf } from '../support/server/certificates.js';
import { testAuthority } from '../support/server.js';
import { type Facts, startFacts } from './facts.js';

let at: Facts;
beforeAll(async () => {
  at = await startFacts();
});
afterAll(() => at.server.close());
beforeEach(() => at.server.reset());

const http2: UndiciOptions = { http2: true, tls: { ca: testAuthority } };

async function on(options: UndiciOptions, body: (bench: SetUp['bench']) => Promise<void>) {
  const transport = undici({ ...http2, ...options });
  const { bench, abortAll, verify } = setUp(transport, { ...at.facts, origin: at.server.h2.origin });
  try {
    await body(bench);
  } finally {
    abortAll();
    await transport.close!();
  }
  verify();
}

const settled = (all: readonly Opened[]) => Promise.all(all.map(({ sink }) => sink.settled));
const connections = () => new Set(at.server.requests().map(({ connection }) => connection)).size;

describe('undici over HTTP/2', () => {
  transportContract(
    () => undici(http2),
    { it },
    () => ({ ...at.facts, origin: at.server.h2.origin }),
    'http2',
  );

  it('sends all calls to an origin over one connection', () =>
    on({}, async (bench) => {
      const all = Array.from({ length: 20 }, () => bench.open('/crowd?key=h2&ms=50'));
      expect(all.map(({ handle }) => handle.waiting)).toEqual(all.map(() => false));
      await settled(all);

      expect(at.server.requests().every(({ httpVersion }) => httpVersion === '2.0')).toBe(true);
      expect(connections()).toBe(1);
      expect(Math.max(...all.map(({ sink }) => JSON.parse(sink.text).peak))).toBe(20);
    }));

  it('lets calls wait beyond the number allowed, and streams not', () =>
    on({ connections: 2 }, async (bench) => {
      await bench.fetch('/json');
      const calls = Array.from({ length: 4 }, () => bench.open('/crowd?key=few&ms=20'));
      const stream = bench.open('/drip?bytes=5', { stream: true });
      expect([...calls, stream].map(({ handle }) => handle.waiting)).toEqual([false, false, true, true, false]);
      await settled([...calls, stream]);

      expect(Math.max(...calls.map(({ sink }) => JSON.parse(sink.text).peak))).toBe(2);
      expect(calls.map(({ sink }) => sink.events.includes('assigned'))).toEqual([false, false, true, true]);
    }));

  it('sends a streamed upload beside other calls', () =>
    on({}, async (bench) => {
      const long = bench.open('/drip?bytes=endless', { stream: true });
      await eventually(() => long.sink.events.includes('head'), 'the head');
      const { sink } = await bench.fetch('/upload', { method: 'POST', body: source(20, 10_000) });

      expect(JSON.parse(sink.text).bytes).toBe(200_000);
    }));

  it('keeps the whole body when trailers come during a pause', () =>
    on({}, async (bench) => {
      const query = 'size=50000&trailer=x-sum:42';
      const opened = bench.open(`/reply?${query}`, { on: { head: ({ handle }) => handle.pause() } });
      await bench.server.seen(opened.id, 'over');
      opened.handle.resume();
      await opened.sink.settled;

      expect([opened.sink.bytes, opened.sink.trailers?.get('x-sum')]).toEqual([50_000, '42']);
    }));

  it('goes over to a new connection when the server says goodbye, and finishes what is under way', () =>
    on({}, async (bench) => {
      const running = bench.open('/drip?bytes=20&interval=10');
      await eventually(() => running.sink.events.includes('head'), 'the head');
      await bench.fetch('/bad/goaway');
      await bench.fetch('/json');
      await running.sink.settled;

      expect([running.sink.bytes, running.sink.events.at(-1), connections()]).toEqual([20, 'end', 2]);
    }));

  it('fails what the server refuses in a way that may be tried again', () =>
    on({}, async (bench) => {
      expect(await bench.failure('/flaky?how=refuse&key=h2')).toMatchObject({ kind: 'network', retryable: true });
      expect((await bench.fetch('/flaky?how=refuse&key=h2')).sink.answer?.status).toBe(200);
    }));

  it('refuses what HTTP/2 cannot send, and leaves the connection alone', () =>
    on({}, async (bench) => {
      await bench.fetch('/json');
      const asks: readonly Ask[] = [
        { headers: [['transfer-encoding', 'chunked']] },
        { headers: [['x-bad', 'a\r\nb']] },
        { method: 'CONNECT' },
      ];
      for (const ask of asks) expect(await bench.failure('/echo', ask)).toMatchObject({ kind: 'config' });
      await bench.fetch('/json');
      expect(connections()).toBe(1);
    }));

  it('takes as large a head as the call allows, and no larger', () =>
    on({}, async (bench) => {
      expect((await bench.fetch('/headers/many?count=800')).sink.answer?.headers.get('x-many-800')).toBe('800');
      const limits = { ...DEFAULT_LIMITS, headerBytes: 1000 };
      for (const path of ['/headers/long?bytes=2000', '/headers/many?count=200']) {
        expect(await bench.failure(path, { limits })).toMatchObject({
          kind: 'limit',
          which: 'headerBytes',
          limit: 1000,
        });
      }
    }));

  it('closes a connection that is not used', () =>
    on({ keepAliveMs: 50 }, async (bench) => {
      await bench.fetch('/json');
      await eventually(() => at.server.sockets() === 0, 'the connection is closed');
      await bench.fetch('/json');
      expect(connections()).toBe(2);
    }));
});

describe('undici where HTTP/2 is offered', () => {
  it('falls back to HTTP/1.1, and keeps the connection on which that showed', () =>
    on({ connections: 2 }, async (bench) => {
      const all = Array.from({ length: 5 }, () => bench.open(`${at.server.secure.origin}/crowd?key=fall&ms=10`));
      await settled(all);
      await bench.fetch(`${at.server.secure.origin}/json`);

      expect(at.server.requests().map(({ httpVersion }) => httpVersion)).toEqual(
        Array.from({ length: 6 }, () => '1.1'),
      );
      expect(connections()).toBe(2);
    }));

  it('speaks HTTP/1.1 without TLS', () =>
    on({}, async (bench) => {
      expect(JSON.parse((await bench.fetch(`${at.facts.origin}/echo`)).sink.text).httpVersion).toBe('1.1');
    }));

  it('fails all calls that wait for a connection that cannot be made', () =>
    on({}, async (bench) => {
      const all = Array.from({ length: 3 }, () => bench.open(at.facts.refused.replace('http:', 'https:')));
      await settled(all);

      expect(all.map(({ sink }) => sink.error)).toMatchObject(all.map(() => ({ kind: 'network', phase: 'connect' })));
    }));

  it('connects anew for a call that comes after one that was aborted', () =>
    on({}, async (bench) => {
      for (let i = 0; i < 3; i++) bench.open('/json').handle.abort();

      expect((await bench.fetch('/json')).sink.answer?.status).toBe(200);
    }));

  it('does not connect for calls that were aborted', () =>
    on({}, async (bench) => {
      const all = Array.from({ length: 3 }, () => bench.open('/json'));
      for (const { handle } of all) handle.abort();
      await bench.fetch(`${at.facts.origin}/json`);
      await eventually(() => at.server.sockets() === 1, 'one connection');

      expect(at.server.requests()).toHaveLength(1);
    }));
});

describe('undici and an HTTP/2 server that limits streams', () => {
  let server: Http2SecureServer;
  let most = 0;
  let open = 0;
  beforeAll(async () => {
    const settings = { maxConcurrentStreams: 3 };
    server = createSecureServer({ ...identityOf('localhost'), settings });
    server.on('stream', (stream: ServerHttp2Stream) => {
      most = Math.max(most, (open += 1));
      stream.respond({ ':status': 200 });
      setTimeout(() => stream.end(pattern(1000), () => (open -= 1)), 10);
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => new Promise((resolve) => void server.close(resolve)));

  it('sends no more at once than the server takes', () =>
    on({}, async (bench) => {
      const { port } = server.address() as AddressInfo;
      await bench.fetch(`https://127.0.0.1:${port}/`);
      const all = Array.from({ length: 12 }, () => bench.open(`https://127.0.0.1:${port}/`));
      expect(all.filter(({ handle }) => handle.waiting)).toHaveLength(9);
      await settled(all);

      expect(all.every(({ sink }) => sink.bytes === 1000 && patterned(sink.chunks))).toBe(true);
      expect(most).toBeLessThanOrEqual(3);
    }));
});
