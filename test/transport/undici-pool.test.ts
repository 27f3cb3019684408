import type { Socket } from 'node:net';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import type { Transport } from '../../lib/transport/contract.js';
import { undici, type UndiciOptions } from '../../lib/transport/undici.js';
import { setUp, type SetUp } from '../support/contract/bench.js';
import { eventually, pass } from '../support/contract/check.js';
import { Recorder } from '../support/contract/recorder.js';
import type { Opened } from '../support/contract/types.js';
import { startTcp } from '../support/server.js';
import { type Facts, startFacts } from './facts.js';

let at: Facts;
beforeAll(async () => {
  at = await startFacts();
});
afterAll(() => at.server.close());
beforeEach(() => at.server.reset());

/** Runs `body` on a transport of its own. */
async function on(options: UndiciOptions, body: (bench: SetUp['bench'], transport: Transport) => Promise<void>) {
  const transport = undici(options);
  const { bench, abortAll, verify } = setUp(transport, at.facts);
  try {
    await body(bench, transport);
  } finally {
    abortAll();
    await transport.close!();
  }
  verify();
}

const connectionOf = ({ sink }: Opened) => (JSON.parse(sink.text) as { connection: number }).connection;
const settled = (all: readonly Opened[]) => Promise.all(all.map(({ sink }) => sink.settled));

describe('connections of one origin', () => {
  it('are used again, the last used one first', () =>
    on({}, async (bench) => {
      const three = [30, 10, 60].map((delay) => bench.open(`/echo?delay=${delay}`));
      await settled(three);
      const last = connectionOf(three[2]!);
      const next = [await bench.fetch('/echo'), await bench.fetch('/echo'), await bench.fetch('/echo')];

      expect(new Set(three.map(connectionOf)).size).toBe(3);
      expect(next.map(connectionOf)).toEqual([last, last, last]);
    }));

  it('are given back before the end is told, so that a call made there takes the warm one', () =>
    on({}, async (bench, transport) => {
      const { request, sink } = await bench.fetch('/echo');
      const numbers = await new Promise<number[]>((resolve) => {
        const seen: number[] = [];
        const again = (): void => {
          let text = '';
          transport.open(request, {
            ...{ assigned() {}, sent() {}, uploaded() {}, head() {}, fail() {} },
            chunk: (bytes) => void (text += new TextDecoder().decode(bytes)),
            end: () =>
              seen.push((JSON.parse(text) as { connection: number }).connection) < 4 ? again() : resolve(seen),
          });
        };
        again();
      });

      expect(new Set([...numbers, JSON.parse(sink.text).connection]).size).toBe(1);
    }));

  it('are never more than allowed; who comes later waits and is served in turn', () =>
    on({ connections: 2 }, async (bench) => {
      const all = Array.from({ length: 6 }, (_, i) => bench.open(`/crowd?key=two&ms=${10 + i}`));

      expect(all.map(({ handle }) => handle.waiting)).toEqual([false, false, true, true, true, true]);
      await settled(all);
      expect(all.map(({ sink }) => sink.events.filter((event) => event === 'assigned').length)).toEqual([
        0, 0, 1, 1, 1, 1,
      ]);
      expect(all.map(({ sink }) => JSON.parse(sink.text).peak)).toEqual([2, 2, 2, 2, 2, 2]);
      expect(at.server.requests().map(({ id }) => id)).toEqual(all.map(({ id }) => id));
      expect(all.every(({ handle }) => !handle.waiting)).toBe(true);
    }));

  it('pass over those who stopped waiting', () =>
    on({ connections: 1 }, async (bench) => {
      const all = Array.from({ length: 5 }, () => bench.open('/echo?delay=20'));
      for (const i of [1, 3]) all[i]!.handle.abort();
      await settled(all.filter((_, i) => i % 2 === 0));

      expect(at.server.requests().map(({ id }) => id)).toEqual([0, 2, 4].map((i) => all[i]!.id));
    }));

  it('are freed by an abort for the next one in the queue', () =>
    on({ connections: 1 }, async (bench) => {
      const stuck = bench.open('/bad/stall-before-head');
      const next = bench.open('/echo');
      await bench.server.seen(stuck.id, 'arrived');
      stuck.handle.abort();
      await next.sink.settled;

      expect(next.sink.answer?.status).toBe(200);
    }));

  it('go to the next one when a call is aborted on being given one', () =>
    on({ connections: 1 }, async (bench, transport) => {
      const first = bench.open('/echo?delay=20');
      const sink = new Recorder((event) => event === 'assigned' && handle.abort());
      const handle = transport.open(first.request, sink);
      const last = bench.open('/echo');
      await last.sink.settled;

      expect([sink.events, last.sink.answer?.status]).toEqual([['assigned'], 200]);
    }));

  it('are freed by a failure for the next one in the queue', () =>
    on({ connections: 1 }, async (bench) => {
      const all = [bench.open('/bad/reset-mid-head'), bench.open('/bad/fin-mid-body'), bench.open('/echo')];
      await settled(all);

      expect(all.map(({ sink }) => sink.error?.kind)).toEqual(['network', 'network', undefined]);
    }));

  it(
    'cost each waiting call the same, however many there are and in whatever order they leave',
    () =>
      on({ connections: 1 }, async (bench, transport) => {
        const { request } = bench.open('/bad/stall-before-head');
        const sink = new Recorder(() => {});
        const started = performance.now();
        const waiting = Array.from({ length: 200_000 }, () => transport.open(request, sink));
        for (const handle of waiting) handle.abort();

        // A search and a splice per call take minutes here.
        expect(performance.now() - started).toBeLessThan(4_000);
      }),
    20_000,
  );
});

describe('streamed answers', () => {
  it('take no place from calls', () =>
    on({ connections: 1 }, async (bench) => {
      const streams = Array.from({ length: 3 }, () => bench.open('/drip?bytes=endless', { stream: true }));
      await eventually(() => streams.every(({ sink }) => sink.events.includes('head')), 'the streams');
      const call = bench.open('/echo');
      const second = bench.open('/echo');

      expect([...streams, call, second].map(({ handle }) => handle.waiting)).toEqual([
        false,
        false,
        false,
        false,
        true,
      ]);
      await settled([call, second]);
    }));

  it('leave no more idle connections behind than calls may have', () =>
    on({ connections: 2, keepAliveMs: 60_000 }, async (bench) => {
      await settled(Array.from({ length: 8 }, () => bench.open('/reply?body=x&headDelay=30', { stream: true })));
      await eventually(() => at.server.sockets() <= 2, 'closed connections');

      expect(at.server.sockets()).toBe(2);
    }));
});

describe('idle connections', () => {
  it('are closed after the keep-alive time', () =>
    on({ keepAliveMs: 50 }, async (bench) => {
      await bench.fetch('/echo');
      expect(at.server.sockets()).toBe(1);
      await eventually(() => at.server.sockets() === 0, 'the connection is closed');
    }));

  it('that the server closed are not used again', () =>
    on({}, async (bench) => {
      for (const path of ['/bad/close-after?after=5', '/bad/connection-close', '/bad/unasked?after=5']) {
        await bench.fetch(path);
        await pass(40);
        expect((await bench.fetch('/reply?body=mine')).sink.text).toBe('mine');
      }
    }));

  it('that break under a request fail it in a way that may be tried again', () =>
    on({ connections: 1 }, async (bench) => {
      await bench.fetch('/bad/reset-on-reuse');

      expect(await bench.failure('/bad/reset-on-reuse')).toMatchObject({ kind: 'network', retryable: true });
      expect((await bench.fetch('/bad/reset-on-reuse')).sink.text).toBe('hello');
    }));

  it('are kept for 256 origins at most, and the longest unused go first', async () => {
    const answer = (socket: Socket) =>
      void socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'));
    const servers = await Promise.all(Array.from({ length: 260 }, () => startTcp(answer)));
    await on({ keepAliveMs: 60_000 }, async (bench) => {
      for (const { origin } of servers) await bench.fetch(origin);
      await bench.fetch(servers[4]!.origin);
      await eventually(() => servers[3]!.sockets() === 0, 'the fourth connection is closed');

      expect(servers.slice(0, 6).map((server) => server.sockets())).toEqual([0, 0, 0, 0, 1, 1]);
      expect(servers.slice(4).every((server) => server.sockets() === 1)).toBe(true);
    });
    await Promise.all(servers.map((server) => server.close()));
  }, 20_000);
});
