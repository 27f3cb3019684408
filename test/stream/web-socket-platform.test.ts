import { filter, firstValueFrom, lastValueFrom, take, toArray } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { FLOW } from '../../lib/core/flow.js';
import { webSocket } from '../../lib/stream/web-socket.js';
import { type SocketServer, startSocketServer } from '../support/socket-server.js';

// As on a Node where the package ws is not installed.
vi.mock(import('../../lib/stream/socket-ws.js'), () => ({ loadWs: async () => undefined }));

const hasOne = 'WebSocket' in globalThis;

describe.skipIf(!hasOne)("a platform's own WebSocket", () => {
  let server: SocketServer;
  beforeEach(async () => {
    server = await startSocketServer();
  });
  afterEach(() => server.close());

  it('sends, receives, and says goodbye', async () => {
    const channel = webSocket<string, string>(server.url, { protocols: ['feed'] });
    const message = firstValueFrom(channel.messages);
    channel.send('there').subscribe();
    const peer = await server.accept();
    peer.send(await peer.next());

    expect(await message).toBe('"there"');
    expect(await peer.closed).toBe(1000);
    expect(peer.socket.protocol).toBe('feed');
  });

  it('gives binary messages as bytes', async () => {
    const message = firstValueFrom(webSocket(server.url, { codec: 'bytes' }).messages);
    (await server.accept()).socket.send(Buffer.of(1, 2));

    expect(await message).toStrictEqual(Uint8Array.of(1, 2));
  });

  it('comes back after a close, clean or not', async () => {
    const channel = webSocket<number>(server.url, { reconnect: { baseMs: 1 } });
    const got = lastValueFrom(channel.messages.pipe(take(3), toArray()));
    for (const leave of ['close', 'terminate', 'close'] as const) {
      const peer = await server.accept();
      peer.send(leave.length);
      await new Promise((resolve) => peer.socket.ping(resolve));
      peer.socket[leave]();
    }

    expect(await got).toEqual([5, 9, 5]);
  });

  it('fails for good at a code that says so', async () => {
    const failed = lastValueFrom(webSocket(server.url).messages).catch((error: unknown) => error);
    (await server.accept()).socket.close(4403, 'no');

    expect(await failed).toMatchObject({ kind: 'close', code: 4403, reason: 'no' });
  });

  it('asks by messages whether the server is there, since it has no pings', async () => {
    const channel = webSocket<string, string>(server.url, {
      heartbeat: { everyMs: 50, pongMs: 500, ping: () => 'ping', isPong: (message) => message === 'pong' },
      reconnect: false,
    });
    const failed = lastValueFrom(channel.messages, { defaultValue: '' }).catch((error: unknown) => error);
    const peer = await server.accept();
    expect(await peer.next()).toBe('"ping"');
    peer.send('pong');
    expect(await peer.next()).toBe('"ping"');

    expect(await failed).toMatchObject({ kind: 'timeout', which: 'idle' });
  });

  it('cannot hold the server back: a subscriber that is too slow fails, after what waits, and alone', async () => {
    const channel = webSocket<number>(server.url, { capacity: 3 });
    const quick = lastValueFrom(channel.messages.pipe(take(10), toArray()));
    const got: unknown[] = [];
    const slow = new Promise((resolve) => {
      let ask: (n: number) => void = () => undefined;
      channel.messages[FLOW].subscribe({
        onSubscribe: (demand) => (ask = (n) => demand.request(n)),
        onNext: (value) => void got.push(value),
        onError: resolve,
        onComplete: () => resolve('complete'),
      });
      void quick.then(() => ask(10));
    });
    const peer = await server.accept();
    for (let i = 0; i < 10; i++) peer.send(i);

    expect(await slow).toMatchObject({ kind: 'limit', which: 'capacity', limit: 3 });
    expect(got).toEqual([0, 1, 2]);
    expect(await quick).toHaveLength(10);
  });

  it('holds messages back while its buffer is full, and looks again', async () => {
    const channel = webSocket<unknown, Uint8Array>(server.url, {
      codec: 'bytes',
      outbound: { highWaterBytes: 100_000 },
    });
    const subscription = channel.messages.subscribe();
    const peer = await server.accept();
    await firstValueFrom(channel.state.pipe(filter(({ type }) => type === 'open')));
    let most = 0;
    for (let i = 0; i < 200; i++) {
      channel.send(new Uint8Array(50_000)).subscribe();
      most = Math.max(most, channel.pending.bufferedBytes);
    }
    await expect.poll(() => peer.received.length, { timeout: 10_000 }).toBe(200);

    expect(most).toBeLessThan(200_000);
    subscription.unsubscribe();
  }, 20_000);

  it('refuses header fields, which it cannot send', async () => {
    const channel = webSocket(server.url, { headers: { authorization: 'Bearer t' } });

    await expect(lastValueFrom(channel.messages)).rejects.toMatchObject({ kind: 'config', field: 'headers' });
  });

  it('is missed with a word on what to do', async () => {
    vi.stubGlobal('WebSocket', undefined);
    const failed = lastValueFrom(webSocket(server.url).messages).catch((error: unknown) => error);
    const error = await failed;
    vi.unstubAllGlobals();

    expect(error).toMatchObject({ kind: 'config', message: expect.stringContaining('install the package ws') });
  });
});
