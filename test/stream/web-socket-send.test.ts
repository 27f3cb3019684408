import { filter, firstValueFrom, lastValueFrom } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { OutboundOptions, SocketChannel } from '../../lib/stream/socket-types.js';
import { webSocket } from '../../lib/stream/web-socket.js';
import { type SocketServer, startRawServer, startSocketServer } from '../support/socket-server.js';

/** How sends ended, in the order in which they did. */
function ledger(channel: SocketChannel<unknown, unknown>) {
  const ends: string[] = [];
  const send = (message: unknown, name = String(message)) =>
    channel.send(message).subscribe({
      complete: () => ends.push(`${name} sent`),
      error: (error: { why?: string; message: string }) => ends.push(`${name} ${error.why ?? error.message}`),
    });
  return { ends, send };
}

describe('send', () => {
  let server: SocketServer;
  beforeEach(async () => {
    server = await startSocketServer();
  });
  afterEach(() => server.close());

  it('does nothing before it is subscribed to, and sends once for each subscription', async () => {
    const channel = webSocket(server.url, { lingerMs: 1000 });
    const message = channel.send('twice');
    await lastValueFrom(message, { defaultValue: undefined });
    await lastValueFrom(message, { defaultValue: undefined });
    const peer = await server.accept();
    await peer.next();

    expect(await peer.next()).toBe('"twice"');
    expect(peer.received).toHaveLength(2);
    peer.socket.close(1008);
  });

  it('waits for the connection, in order', async () => {
    const channel = webSocket(server.url);
    const { ends, send } = ledger(channel);
    for (const n of [1, 2, 3]) send(n);
    expect([ends.length, channel.pending.messages]).toEqual([0, 3]);
    const peer = await server.accept();

    expect([await peer.next(), await peer.next(), await peer.next()]).toEqual(['1', '2', '3']);
    expect(ends).toEqual(['1 sent', '2 sent', '3 sent']);
  });

  it('takes back what waits when its subscriber leaves', async () => {
    const channel = webSocket(server.url);
    const { send } = ledger(channel);
    send(1);
    const second = send(2);
    send(3);
    second.unsubscribe();
    expect(channel.pending.messages).toBe(2);
    const peer = await server.accept();

    expect([await peer.next(), await peer.next()]).toEqual(['1', '3']);
  });

  it('keeps what waits over a lost connection, and sends nothing twice', async () => {
    const channel = webSocket(server.url, { reconnect: { baseMs: 1 } });
    const { ends, send } = ledger(channel);
    const subscription = channel.messages.subscribe();
    send('before');
    const first = await server.accept();
    await first.next();
    first.socket.terminate();
    await firstValueFrom(channel.state.pipe(filter(({ type }) => type === 'lost' || type === 'waiting')));
    send('between');
    const second = await server.accept();

    expect(await second.next()).toBe('"between"');
    expect(ends).toEqual(['before sent', 'between sent']);
    subscription.unsubscribe();
  });

  it.each<[OutboundOptions['overflow'], string[], string[]]>([
    ['error', ['3 queue-full', '1 sent', '2 sent'], ['1', '2']],
    ['drop-newest', ['3 queue-full', '1 sent', '2 sent'], ['1', '2']],
    ['drop-oldest', ['1 queue-full', '2 sent', '3 sent'], ['2', '3']],
    ['latest', ['1 queue-full', '2 queue-full', '3 sent'], ['3']],
  ])('keeps at most capacity messages, and tells whoever loses one: %s', async (overflow, expected, came) => {
    const channel = webSocket(server.url, { outbound: { capacity: 2, overflow: overflow! } });
    const { ends, send } = ledger(channel);
    for (const n of [1, 2, 3]) send(n);
    const peer = await server.accept();
    await peer.closed;

    expect(ends).toEqual(expected);
    expect(peer.received).toEqual(came);
  });

  it('hands over no more than highWaterBytes ahead of the network, and goes on when it moves', async () => {
    const channel = webSocket<unknown, Uint8Array>(server.url, {
      codec: 'bytes',
      outbound: { capacity: 1000, highWaterBytes: 300_000 },
    });
    const subscription = channel.messages.subscribe();
    const peer = await server.accept();
    await firstValueFrom(channel.state.pipe(filter(({ type }) => type === 'open')));
    peer.socket.pause();
    let sent = 0;
    for (let i = 0; i < 200; i++) channel.send(new Uint8Array(100_000)).subscribe({ complete: () => sent++ });
    // The kernel takes some; then all stands still.
    let before = -1;
    while (before !== sent) {
      before = sent;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(sent).toBeLessThan(200);
    expect(channel.pending.messages).toBe(200 - sent);
    expect(channel.pending.bufferedBytes).toBeLessThan(500_000);
    peer.socket.resume();
    await expect.poll(() => peer.received.length, { timeout: 5000 }).toBe(200);

    expect(sent).toBe(200);
    subscription.unsubscribe();
  });

  it('fails what waits with the error of the stream, and with one of its own at its end', async () => {
    const failing = webSocket(server.url, { handshake: () => new Promise(() => {}), reconnect: false });
    const [first, second] = [ledger(failing), ledger(webSocket(server.url, { closeCodes: { 1001: 'complete' } }))];
    first.send('a');
    (await server.accept()).socket.close(1008);
    await expect.poll(() => first.ends).toEqual([expect.stringContaining('1008 (policy violation)')]);
    await using silent = await startRawServer((socket) =>
      setTimeout(() => socket.write(Buffer.of(0x88, 2, 3, 0xe9)), 20),
    );
    const ending = webSocket(silent.url, { handshake: () => new Promise(() => {}), closeCodes: { 1001: 'complete' } });
    const third = ledger(ending);
    third.send('b');
    await expect.poll(() => third.ends).toEqual(['b closed']);
    expect(second.ends).toEqual([]);
  });

  it.each([
    ['json', undefined, 'JSON has no undefined'],
    ['text', 1, 'must be a string'],
    ['bytes', 'text', 'must be a Uint8Array'],
  ] as const)('refuses what the codec %s cannot write', (codec, message, says) => {
    const { ends, send } = ledger(webSocket(server.url, { codec }) as SocketChannel<unknown, unknown>);
    send(message, 'it');

    expect(ends[0]).toContain(says);
    expect(server.peers).toHaveLength(0);
  });
});
