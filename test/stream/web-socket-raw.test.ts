import type { Socket } from 'node:net';
import { firstValueFrom, lastValueFrom, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';

import type { WebSocketOptions } from '../../lib/stream/socket-types.js';
import { webSocket } from '../../lib/stream/web-socket.js';
import { frame, startRawServer, startSocketServer } from '../support/socket-server.js';

const TEXT = 1;
const CLOSE = 8;
const PING = 9;

/** What comes of a server that does this to the first connection and is never asked again. */
async function meet(each: (socket: Socket) => void, options: WebSocketOptions<unknown, unknown> = {}) {
  await using server = await startRawServer(each);
  const channel = webSocket(server.url, { reconnect: false, ...options });
  const outcome = await lastValueFrom(channel.messages.pipe(toArray())).catch((error: unknown) => error);
  await expect.poll(() => server.open).toBe(0);
  return outcome;
}

describe('a server that breaks rules', () => {
  it.each([
    ['a masked frame', Buffer.from([0x81, 0x81, 1, 2, 3, 4, 5])],
    ['a reserved opcode', frame(3, 'x')],
    ['a reserved bit', frame(TEXT, 'x', 0x90)],
    ['text that is not UTF-8', frame(TEXT, Buffer.of(0xff, 0xfe))],
    ['a fragmented ping', frame(PING, '', 0)],
    ['a continuation of nothing', frame(0, 'x')],
    ['a close code of the reserved ones', frame(CLOSE, Buffer.of(0x03, 0xed))],
    ['half a close code', frame(CLOSE, Buffer.of(3))],
    ['a length of 2 ** 63', Buffer.from([0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0])],
  ])('is told apart from the network: %s', async (_, bytes) => {
    const outcome = await meet((socket) => socket.write(bytes));

    expect(outcome).toMatchObject({ kind: expect.stringMatching('protocol|limit'), attempts: 1 });
  });

  it('is given up within the limit, however large the message that it begins', async () => {
    const outcome = await meet((socket) => socket.write(Buffer.from([0x82, 127, 0, 0, 0, 1, 0, 0, 0, 0])));

    expect(outcome).toMatchObject({ kind: 'limit', which: 'messageBytes' });
  });

  it('is lost where it hangs up inside a frame', async () => {
    const outcome = await meet((socket) => socket.end(frame(TEXT, '"abc"').subarray(0, 4)));

    expect(outcome).toMatchObject({ kind: 'network', phase: 'receive' });
  });

  it('is lost where it resets the connection', async () => {
    const outcome = await meet((socket) => socket.resetAndDestroy());

    expect(outcome).toMatchObject({ kind: 'network' });
  });

  it('brings what it sent before it said goodbye', async () => {
    const channelEnd = { closeCodes: { 1001: 'complete' } } as const;
    const goodbye = frame(CLOSE, Buffer.of(0x03, 0xe9));
    const outcome = await meet((socket) => socket.write(Buffer.concat([frame(TEXT, '1'), goodbye])), channelEnd);

    expect(outcome).toEqual([1]);
  });

  it('is found out when it falls silent, and nobody waits for its goodbye', async () => {
    await using silent = await startRawServer(() => {});
    const from = performance.now();
    const channel = webSocket(silent.url, { heartbeat: { everyMs: 30, pongMs: 30 }, reconnect: false });
    const error = await lastValueFrom(channel.messages).catch((e: unknown) => e);

    expect(error).toMatchObject({ kind: 'timeout', which: 'idle', limitMs: 30, transient: true });
    expect(performance.now() - from).toBeLessThan(5000); // ws itself would wait for 30 s
    await expect.poll(() => silent.open).toBe(0);
  });

  it('is silent too where it says nothing within idleMs', async () => {
    const outcome = await meet(() => {}, { idleMs: 40, heartbeat: false });

    expect(outcome).toMatchObject({ kind: 'timeout', which: 'idle', limitMs: 40 });
  });

  it('is kept alive by its pings, which are no messages', async () => {
    await using server = await startRawServer((socket) => {
      const timer = setInterval(() => socket.write(frame(PING)), 10);
      socket.on('close', () => clearInterval(timer));
    });
    const channel = webSocket(server.url, { idleMs: 400, heartbeat: false, reconnect: false });
    const states: string[] = [];
    const subscription = channel.messages.events().subscribe(({ type }) => states.push(type));
    await new Promise((resolve) => setTimeout(resolve, 1000));
    subscription.unsubscribe();

    expect(states).toEqual(['connecting', 'open']);
  });
});

describe('a heartbeat by messages', () => {
  it('asks and is answered in the words of the program, and its answers reach nobody', async () => {
    await using server = await startSocketServer({ autoPong: false });
    const channel = webSocket<string, string>(server.url, {
      heartbeat: { everyMs: 20, pongMs: 5000, ping: () => 'ping', isPong: (message) => message === 'pong' },
    });
    const got = firstValueFrom(channel.messages);
    const peer = await server.accept();
    for (let i = 0; i < 3; i++) {
      expect(await peer.next()).toBe('"ping"');
      peer.send('pong');
    }
    peer.send('news');

    expect(await got).toBe('news');
  });
});
