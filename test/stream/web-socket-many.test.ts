import type { Subscription } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { webSocket } from '../../lib/stream/web-socket.js';
import { heapBytes } from '../support/heap.js';
import { type SocketServer, startSocketServer } from '../support/socket-server.js';

const SOCKETS = 1000;

async function openAll(server: SocketServer, take: () => void): Promise<readonly Subscription[]> {
  const subscriptions: Subscription[] = [];
  for (let i = 0; i < SOCKETS; i++) {
    subscriptions.push(webSocket(server.url).messages.subscribe(take));
    if (i % 50 === 0) await server.accept(); // not all at once: the backlog of a server is bounded
  }
  await expect.poll(() => server.peers.length, { timeout: 10_000 }).toBe(SOCKETS);
  return subscriptions;
}

describe('a thousand sockets in one process', () => {
  it('take no more memory the longer they run', async () => {
    await using server = await startSocketServer();
    let came = 0;
    const subscriptions = await openAll(server, () => came++);
    const round = async (messages: number) => {
      const until = came + SOCKETS * messages;
      for (let n = 0; n < messages; n++) for (const peer of server.peers) peer.send({ n, text: 'x'.repeat(50) });
      await expect.poll(() => came, { timeout: 10_000 }).toBe(until);
    };
    await round(10);
    const before = await heapBytes();
    for (let i = 0; i < 5; i++) await round(20);
    const grown = (await heapBytes()) - before;
    for (const subscription of subscriptions) subscription.unsubscribe();

    expect(grown).toBeLessThan(2_000_000); // 100,000 messages came
  }, 60_000);

  it('are all gone within a second of the last unsubscription', async () => {
    await using server = await startSocketServer();
    const tookMs: number[] = [];
    // The best of three: what else this machine does counts too.
    for (let i = 0; i < 3; i++) {
      const subscriptions = await openAll(server, () => {});
      const from = performance.now();
      for (const subscription of subscriptions) subscription.unsubscribe();
      await expect.poll(() => server.open, { interval: 5, timeout: 10_000 }).toBe(0);
      tookMs.push(performance.now() - from);
      server.peers.length = 0;
    }

    expect(Math.min(...tookMs)).toBeLessThan(1000);
  }, 60_000);

  it('leave nothing behind when they lose their server again and again', async () => {
    await using server = await startSocketServer({}, ({ socket }) => socket.terminate());
    const open = () => {
      const channel = webSocket(server.url, { reconnect: { baseMs: 1, capMs: 2 } });
      return channel.messages.subscribe();
    };
    const reconnect = async (times: number) => {
      const subscriptions = Array.from({ length: 20 }, open);
      const until = server.peers.length + times;
      await expect.poll(() => server.peers.length, { timeout: 20_000 }).toBeGreaterThan(until);
      for (const subscription of subscriptions) subscription.unsubscribe();
      await expect.poll(() => server.open).toBe(0);
      for (const _ of server.peers.splice(0)) await server.accept();
    };
    await reconnect(500);
    const before = await heapBytes();
    await reconnect(1000);

    expect((await heapBytes()) - before).toBeLessThan(2_000_000);
  }, 60_000);
});
