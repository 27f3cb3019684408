import { filter, firstValueFrom, lastValueFrom, of } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { SocketAttempt, SocketChannel } from '../../lib/stream/socket-types.js';
import { webSocket } from '../../lib/stream/web-socket.js';
import { leastMs } from '../support/least.js';
import { type SocketServer, startRawServer, startSocketServer } from '../support/socket-server.js';

describe('webSocket', () => {
  let server: SocketServer;
  beforeEach(async () => {
    server = await startSocketServer();
  });
  afterEach(() => server.close());

  const whenOpen = (channel: SocketChannel<unknown, unknown>) =>
    firstValueFrom(channel.state.pipe(filter(({ type }) => type === 'open')));

  it('connects when somebody subscribes, not before, and says goodbye to the server', async () => {
    const channel = webSocket(server.url);
    expect(await firstValueFrom(channel.state)).toMatchObject({ type: 'closed' });
    const subscription = channel.messages.subscribe();
    const peer = await server.accept();
    await whenOpen(channel);
    subscription.unsubscribe();

    expect(await firstValueFrom(channel.state)).toMatchObject({ type: 'closed' });
    expect(await peer.closed).toBe(1000);
    expect(server.peers).toHaveLength(1);
  });

  it('stops a connection that is not open yet', async () => {
    webSocket(server.url).messages.subscribe().unsubscribe();
    const subscription = webSocket(server.url).messages.subscribe();
    const peer = await server.accept();
    subscription.unsubscribe();

    expect(await peer.closed).toBe(1006);
    expect(server.peers).toHaveLength(1);
  });

  it('closes the socket within 50 ms of the last unsubscription, also where the server says nothing', async () => {
    await using deaf = await startRawServer(() => {});
    const channel = webSocket(deaf.url);
    const tookMs = await leastMs(50, async () => {
      const subscription = channel.messages.subscribe();
      await whenOpen(channel);
      const from = performance.now();
      subscription.unsubscribe();
      await expect.poll(() => deaf.open, { interval: 1 }).toBe(0);
      return performance.now() - from;
    });

    expect(tookMs).toBeLessThan(50);
  });

  it('delivers nothing after the unsubscription, of what has arrived either', async () => {
    const channel = webSocket<number>(server.url);
    const got: number[] = [];
    const subscription = channel.messages.subscribe((n) => {
      got.push(n);
      subscription.unsubscribe();
    });
    const peer = await server.accept();
    for (let n = 1; n <= 50; n++) peer.send(n); // in one packet

    await peer.closed;
    expect(got).toEqual([1]);
  });

  it('shares one connection among all who use it', async () => {
    const channel = webSocket<number>(server.url);
    const got: [number[], number[]] = [[], []];
    const [first, second] = got.map((list) => channel.messages.subscribe((value) => list.push(value)));
    const peer = await server.accept();
    peer.send(1);
    await expect.poll(() => got).toEqual([[1], [1]]);
    first!.unsubscribe();
    peer.send(2);
    await expect.poll(() => got).toEqual([[1], [1, 2]]);
    second!.unsubscribe();

    expect(await peer.closed).toBe(1000);
    expect(server.peers).toHaveLength(1);
  });

  it('stays for lingerMs when nobody is left, and is there for whoever comes back', async () => {
    const channel = webSocket<number>(server.url, { lingerMs: 60 });
    channel.messages.subscribe().unsubscribe();
    const subscription = channel.messages.subscribe();
    const peer = await server.accept();
    await whenOpen(channel);
    subscription.unsubscribe();
    channel.send('again').subscribe();
    expect(await peer.next()).toBe('"again"');
    const from = performance.now();
    await peer.closed;

    expect(performance.now() - from).toBeGreaterThan(40);
    expect(server.peers).toHaveLength(1);
  });

  it('asks for URL and header fields anew at each attempt', async () => {
    const asked: SocketAttempt[] = [];
    const channel = webSocket(
      async (attempt) => {
        asked.push(attempt);
        return new URL(`/n${attempt.attempt}?q=1#part`, server.url);
      },
      { headers: ({ attempt }) => ({ authorization: `Bearer ${attempt}` }), reconnect: { baseMs: 1 } },
    );
    const subscription = channel.messages.subscribe();
    (await server.accept()).socket.close(1012);
    const { request } = await server.accept();
    subscription.unsubscribe();

    expect(request.url).toBe('/n2?q=1');
    expect(request.headers.authorization).toBe('Bearer 2');
    expect(asked).toEqual([
      { attempt: 1, renew: false },
      { attempt: 2, renew: false },
    ]);
  });

  it('offers sub-protocols, and fails where the server chooses none of them', async () => {
    const channel = webSocket(server.url, {
      protocols: ['v2.feed', 'v1.feed'],
      handshake: ({ protocol, send }) => of(send(protocol)),
    });
    const subscription = channel.messages.subscribe();
    const peer = await server.accept();
    expect(peer.socket.protocol).toBe('v2.feed');
    expect(await peer.next()).toBe('"v2.feed"');
    subscription.unsubscribe();

    await using deaf = await startSocketServer({ handleProtocols: () => false });
    const lone = webSocket(deaf.url, { protocols: ['v1.feed'], reconnect: false });
    await expect(lastValueFrom(lone.messages)).rejects.toMatchObject({ kind: 'network', phase: 'connect' });
  });

  it('gives the error of a URL function as the same object', async () => {
    const planted = new Error('no token');
    const channel = webSocket(() => Promise.reject(planted));

    await expect(lastValueFrom(channel.messages)).rejects.toBe(planted);
    expect(await firstValueFrom(channel.state)).toMatchObject({ type: 'closed' });
  });

  it.each([
    ['url', () => webSocket('ftp://example.com')],
    ['url', () => webSocket('//example.com')],
    ['protocols[1]', () => webSocket('ws://example.com', { protocols: ['a', 'a'] })],
    ['codec', () => webSocket('ws://example.com', { codec: 'xml' as never })],
    ['closeCodes.10', () => webSocket('ws://example.com', { closeCodes: { 10: 'fail' } })],
    ['end', () => webSocket('ws://example.com', { end: 'never' as never })],
    ['heartbeat.everyMs', () => webSocket('ws://example.com', { heartbeat: { everyMs: 0 } })],
    ['capacity', () => webSocket('ws://example.com', { capacity: 0 })],
    ['outbound.overflow', () => webSocket('ws://example.com', { outbound: { overflow: 'some' as never } })],
    ['lingerMs', () => webSocket('ws://example.com', { lingerMs: -1 })],
    ['lingering', () => webSocket('ws://example.com', { lingering: 1 } as never)],
    ['topicOf', () => webSocket('ws://example.com').topic('a', { subscribe: String })],
    ['replyTo', () => webSocket('ws://example.com').request(String)],
  ])('refuses what cannot be: %s', (field, make) => {
    expect(make).toThrow(expect.objectContaining({ kind: 'config', field: `webSocket.${field}` }));
  });
});
