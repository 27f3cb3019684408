import { fileURLToPath } from 'node:url';

import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { type Called, openScript } from '../support/browser/page-script.js';
import { describeInBrowser } from '../support/browser/suite.js';
import { type SocketServer, startRawServer, startSocketServer } from '../support/socket-server.js';
import type { SocketPage, Way } from './browser-page.js';

const entry = fileURLToPath(new URL('./browser-page.ts', import.meta.url));
const ways: readonly Way[] = ['WebSocket', 'WebSocketStream'];

describeInBrowser('test/stream/browser.test.ts', 18, 'webSocket in Chromium', (suite) => {
  let page: Called<SocketPage>;
  let server: SocketServer;
  beforeAll(async () => {
    page = (await openScript<SocketPage>(suite().browser, suite().server, { entry, name: 'socketPage' })).script;
  });
  beforeEach(async () => {
    server = await startSocketServer();
  });
  afterEach(async () => {
    await page.leave();
    await server.close();
  });

  describe.each(ways)('by %s', (way) => {
    it('is there', async () => {
      expect(await page.has(way)).toBe(true);
    });

    it('sends, receives, and says goodbye when its last subscriber leaves', async () => {
      await page.open(way, server.url);
      const peer = await server.accept();
      expect(await page.send('there')).toBe('sent');
      peer.send(await peer.next());
      await expect.poll(() => page.look()).toMatchObject({ got: ['"there"'] });
      await page.leave();

      expect(await peer.closed).toBe(1000);
      expect((await page.look()).states).toEqual(['closed', 'connecting', 'open', 'closed']);
    });

    it('comes back after a close, clean or not, and brings what came before it', async () => {
      await page.open(way, server.url, { reconnect: { baseMs: 1 } });
      for (const [n, leave] of (['close', 'terminate'] as const).entries()) {
        const peer = await server.accept();
        peer.send(n);
        await expect.poll(() => page.look()).toMatchObject({ got: [0, 1].slice(0, n + 1) });
        peer.socket[leave]();
      }
      const peer = await server.accept();
      peer.send(2);
      peer.socket.close(1008, 'no');
      await expect.poll(() => page.look()).toMatchObject({ kind: 'close', code: 1008 });

      expect((await page.look()).got).toEqual([0, 1, 2]);
    });

    it('fails where nobody answers the handshake, and cannot tell why', async () => {
      const refused = server.url;
      await server.close();
      await page.open(way, refused, { reconnect: false });
      await expect.poll(() => page.look()).toMatchObject({ kind: 'network' });
      server = await startSocketServer();
    });

    it('gives up a connection that does not open within connectMs', async () => {
      await using deaf = await startSocketServer({ verifyClient: (_, done) => void done });
      await page.open(way, deaf.url, { connectMs: 50, reconnect: false });
      await expect.poll(() => page.look()).toMatchObject({ kind: 'timeout' });
      await expect.poll(() => deaf.open, { timeout: 5000 }).toBe(0);
    });

    it('finds out a silent server by messages, and does not wait for its goodbye', async () => {
      await using silent = await startRawServer(() => {});
      await page.open(way, silent.url, { heartbeat: { everyMs: 30, pongMs: 30, ping: 'ping' }, reconnect: false });
      await expect.poll(() => page.look()).toMatchObject({ kind: 'timeout' });
    });

    it('asks at once when the page is seen again', async () => {
      await page.open(way, server.url, { heartbeat: { everyMs: 600_000, ping: 'ping' } });
      const peer = await server.accept();
      await expect.poll(() => page.look()).toMatchObject({ states: ['closed', 'connecting', 'open'] });
      await page.show();

      expect(await peer.next()).toBe('"ping"');
    });
  });

  it('fails a subscriber that is too slow where the server cannot be held back', async () => {
    await page.open('WebSocket', server.url, { capacity: 10 }, 1);
    const peer = await server.accept();
    for (let i = 0; i < 100; i++) peer.send(i);
    await expect.poll(async () => (await page.look()).got).toHaveLength(1);
    await page.ask(1000);
    await expect.poll(() => page.look()).toMatchObject({ kind: 'limit' });

    expect((await page.look()).got).toEqual(Array.from({ length: 11 }, (_, i) => i));
  });

  it('loses the oldest where that is the policy', async () => {
    await page.open('WebSocket', server.url, { capacity: 2, overflow: 'drop-oldest' }, 1);
    const peer = await server.accept();
    for (let i = 0; i < 100; i++) peer.send(i);
    await page.send('all there');
    await peer.next();
    await expect.poll(async () => (await page.look()).got).toHaveLength(1);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await page.ask(1000);

    expect((await page.look()).got).toEqual([0, 98, 99]);
  });

  it('holds the server back where WebSocketStream is there, and loses nothing', async () => {
    const text = 'x'.repeat(100_000);
    await page.open('WebSocketStream', server.url, { capacity: 10 }, 1);
    const peer = await server.accept();
    for (let i = 0; i < 500; i++) peer.send([i, text]);
    let before = 0;
    while (before !== peer.socket.bufferedAmount) {
      before = peer.socket.bufferedAmount;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    expect(before).toBeGreaterThan(10_000_000);
    await page.ask(1e9);
    await expect.poll(() => page.count(), { timeout: 10_000 }).toBe(500);
  }, 20_000);

  it('takes a URL that is relative to the page', async () => {
    await page.open('WebSocket', '/nothing-here', { reconnect: false });
    await expect.poll(() => page.look()).toMatchObject({ kind: 'network' });

    expect((await page.look()).end).toContain(suite().server.origin.replace('http', 'ws'));
  });
});
