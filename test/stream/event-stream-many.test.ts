import type { Subscription } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createApi } from '../../lib/http/api.js';
import { eventStream } from '../../lib/stream/event-stream.js';
import { webSocket } from '../../lib/stream/web-socket.js';
import { heapBytes } from '../support/heap.js';
import { leastMs } from '../support/least.js';
import { forkServer, type RemoteServer } from '../support/server.js';
import { startSocketServer } from '../support/socket-server.js';

const STREAMS = 1000;

// In a process of its own, so that its memory is not counted.
let server: RemoteServer;
beforeAll(async () => {
  server = await forkServer();
});
afterAll(() => server.close());

const timeouts = { queueMs: 60_000, headersMs: 60_000 };
const query = { bytes: 'endless', type: 'text/event-stream', char: 'id: 1\ndata: {"price":1}\n\n', interval: 200 };

/** Opens a thousand streams, each of which brings five events a second. */
async function openAll(take: () => void): Promise<readonly Subscription[]> {
  const api = createApi({ baseUrl: server.origin });
  const seen = new Set<number>();
  const open = (i: number) =>
    eventStream(api, '/drip', { query, timeouts }).subscribe(() => {
      if (seen.size < STREAMS) seen.add(i);
      take();
    });
  const subscriptions = Array.from({ length: STREAMS }, (_, i) => open(i));
  await expect.poll(() => seen.size, { timeout: 30_000 }).toBe(STREAMS);
  return subscriptions;
}

/** How long it takes until all is closed. */
function closing(open: () => Promise<readonly Subscription[]>, left: () => number | Promise<number>): Promise<number> {
  return leastMs(1000, async () => {
    const subscriptions = await open();
    const from = performance.now();
    for (const subscription of subscriptions) subscription.unsubscribe();
    await expect.poll(left, { interval: 5, timeout: 10_000 }).toBe(0);
    const tookMs = performance.now() - from;
    await server.reset();
    return tookMs;
  });
}

describe('a thousand event streams in one process', () => {
  it('take no more memory the longer they run', async () => {
    let came = 0;
    const subscriptions = await openAll(() => came++);
    const more = async (events: number): Promise<void> => {
      const until = came + events;
      await expect.poll(() => came, { timeout: 60_000 }).toBeGreaterThan(until);
    };
    await more(10_000);
    const before = await heapBytes();
    await more(20_000);
    const grown = (await heapBytes()) - before;
    for (const subscription of subscriptions) subscription.unsubscribe();

    expect(grown).toBeLessThan(2_000_000);
    await expect.poll(() => server.busy(), { timeout: 10_000 }).toBe(0);
  }, 120_000);

  it('are all gone within a second of the last unsubscription', async () => {
    const tookMs = await closing(
      () => openAll(() => {}),
      () => server.busy(),
    );

    expect(tookMs).toBeLessThan(1000);
  }, 120_000);

  it('are gone within a second with a thousand sockets beside them', async () => {
    await using sockets = await startSocketServer();
    const openBoth = async () => {
      const streams = await openAll(() => {});
      const channels: Subscription[] = [];
      for (let i = 0; i < STREAMS; i++) {
        channels.push(webSocket(sockets.url).messages.subscribe());
        if (i % 50 === 0) await sockets.accept(); // not all at once: the backlog of a server is bounded
      }
      await expect.poll(() => sockets.peers.length, { timeout: 20_000 }).toBe(STREAMS);
      sockets.peers.length = 0;
      return [...streams, ...channels];
    };
    const tookMs = await closing(openBoth, async () => sockets.open + (await server.busy()));

    expect(tookMs).toBeLessThan(1000);
  }, 120_000);
});
