import type { StandardSchemaV1 } from '@standard-schema/spec';
import { filter, firstValueFrom, lastValueFrom, take, toArray } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { FLOW } from '../../lib/core/flow.js';
import type { Demand } from '../../lib/core/demand.js';
import { webSocket } from '../../lib/stream/web-socket.js';
import { type SocketServer, startSocketServer } from '../support/socket-server.js';

describe('messages of a socket', () => {
  let server: SocketServer;
  beforeEach(async () => {
    server = await startSocketServer();
  });
  afterEach(() => server.close());

  it.each([
    ['json', '{"a":"ü"}', { a: 'ü' }],
    ['json', Buffer.from('{"a":"ü"}'), { a: 'ü' }],
    ['text', 'ü', 'ü'],
    ['text', Buffer.from('ü'), 'ü'],
    ['bytes', Buffer.of(0, 255), Uint8Array.of(0, 255)],
    ['bytes', 'ü', Uint8Array.of(0xc3, 0xbc)],
  ] as const)('are read by the codec %s from either kind of frame', async (codec, sent, value) => {
    const message = firstValueFrom(webSocket(server.url, { codec }).messages);
    (await server.accept()).socket.send(sent);

    expect(await message).toStrictEqual(value);
  });

  it('own their bytes', async () => {
    const message = firstValueFrom(webSocket<Uint8Array>(server.url, { codec: 'bytes' }).messages);
    (await server.accept()).socket.send(Buffer.of(1, 2, 3));

    expect((await message).buffer.byteLength).toBe(3);
  });

  it('are read and written by a codec of the program', async () => {
    const codec = {
      decode: (data: string | Uint8Array) => Number(data),
      encode: (n: number) => `n${n}`,
    };
    const channel = webSocket<number, number>(server.url, { codec });
    const message = firstValueFrom(channel.messages);
    channel.send(1).subscribe();
    const peer = await server.accept();
    peer.socket.send('42');

    expect(await peer.next()).toBe('n1');
    expect(await message).toBe(42);
  });

  it('that cannot be read are told of, and end nothing', async () => {
    const channel = webSocket<number>(server.url, { schema: z.number() });
    const events = channel.messages.events().pipe(filter(({ type }) => type === 'invalid' || type === 'value'));
    const told = lastValueFrom(events.pipe(take(4), toArray()));
    const peer = await server.accept();
    for (const text of ['1', '{"a":', '"one"', '2']) peer.socket.send(text);

    expect(await told).toMatchObject([
      { type: 'value', value: 1 },
      { type: 'invalid', attempt: 1, error: { kind: 'decode', record: 2 } },
      { type: 'invalid', error: { kind: 'schema', issues: [{}], message: expect.stringContaining('message 3') } },
      { type: 'value', value: 2 },
    ]);
  });

  it('that cannot be read are left out silently, or end the stream, where that is asked', async () => {
    const skipping = webSocket<number>(server.url, { onInvalid: 'skip' });
    const seen = lastValueFrom(
      skipping.messages.events().pipe(
        filter(({ type }) => type === 'invalid' || type === 'value'),
        take(1),
      ),
    );
    const failing = lastValueFrom(webSocket(server.url, { onInvalid: 'fail' }).messages).catch((e: unknown) => e);
    for (const peer of [await server.accept(), await server.accept()]) {
      peer.socket.send('{');
      peer.send(1);
    }

    expect(await seen).toMatchObject({ type: 'value', value: 1 });
    expect(await failing).toMatchObject({ kind: 'decode' });
  });

  it('keep their order while a schema takes its time', async () => {
    const waits: (() => void)[] = [];
    const schema: StandardSchemaV1<unknown, string> = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: (value) =>
          value === 'slow'
            ? new Promise((resolve) => waits.push(() => resolve({ value: 'slow' })))
            : { value: value as string },
      },
    };
    const got = lastValueFrom(webSocket(server.url, { schema }).messages.pipe(take(4), toArray()));
    const peer = await server.accept();
    for (const value of ['a', 'slow', 'b', 'c']) peer.send(value);
    await expect.poll(() => waits.length).toBe(1);
    waits[0]!();

    expect(await got).toEqual(['a', 'slow', 'b', 'c']);
  });

  it('end the stream with what a function of the program throws, the same object', async () => {
    const planted = new Error('planted');
    const channel = webSocket(server.url, {
      topicOf: () => {
        throw planted;
      },
    });
    const failed = lastValueFrom(channel.messages).catch((error: unknown) => error);
    (await server.accept()).send(1);

    expect(await failed).toBe(planted);
  });

  it('that are too long end the stream', async () => {
    const failed = lastValueFrom(webSocket(server.url, { messageBytes: 100 }).messages).catch((e: unknown) => e);
    const peer = await server.accept();
    peer.send('x'.repeat(98));
    peer.send('x'.repeat(99));

    expect(await failed).toMatchObject({ kind: 'limit', which: 'messageBytes', limit: 100 });
    expect(server.peers).toHaveLength(1);
  });
});

describe('a slow subscriber', () => {
  let server: SocketServer;
  beforeEach(async () => {
    server = await startSocketServer();
  });
  afterEach(() => server.close());

  /** Asks for so many at first, and for more when told. */
  function slow(channel: ReturnType<typeof webSocket<unknown, unknown>>, first: number) {
    const got: unknown[] = [];
    const end: unknown[] = [];
    let demand: Demand | undefined;
    channel.messages[FLOW].subscribe({
      onSubscribe: (given) => (demand = given).request(first),
      onNext: (value) => void got.push(value),
      onError: (error) => void end.push(error),
      onComplete: () => void end.push('complete'),
    });
    return { got, end, demand: demand! };
  }

  it('holds the server back, and gets every message', async () => {
    const text = 'x'.repeat(10_000);
    const total = 3000; // 30 MB
    const { got, demand } = slow(webSocket(server.url), 1);
    const peer = await server.accept();
    for (let i = 0; i < total; i++) peer.send([i, text]);
    let before = 0;
    while (before !== peer.socket.bufferedAmount) {
      before = peer.socket.bufferedAmount;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(got).toHaveLength(1);
    expect(before).toBeGreaterThan(15_000_000); // the rest is in the kernel's buffers
    demand.request(Infinity);
    await expect.poll(() => got.length, { timeout: 10_000 }).toBe(total);

    expect(got.map((value) => (value as [number])[0])).toEqual(Array.from({ length: total }, (_, i) => i));
    demand.cancel();
  }, 20_000);

  it('does not let a held-back server count as silent', async () => {
    const channel = webSocket(server.url, { idleMs: 300, heartbeat: { everyMs: 100, pongMs: 100 } });
    const { got, end, demand } = slow(channel, 1);
    const peer = await server.accept();
    for (let i = 0; i < 200; i++) peer.send(i);
    await new Promise((resolve) => setTimeout(resolve, 700));
    demand.request(Infinity);
    await expect.poll(() => got.length).toBe(200);

    expect(end).toEqual([]);
    expect(server.peers).toHaveLength(1);
    demand.cancel();
  });

  it.each([
    ['drop-oldest', [0, 198, 199]],
    ['drop-newest', [0, 1, 2]],
    ['latest', [0, 199]],
  ] as const)('loses what its policy says, and holds nobody back: %s', async (overflow, expected) => {
    const channel = webSocket(server.url, { capacity: 2, overflow });
    const { got, demand } = slow(channel, 1);
    const quick: unknown[] = [];
    const subscription = channel.messages.subscribe((value) => quick.push(value));
    const peer = await server.accept();
    for (let i = 0; i < 200; i++) peer.send(i);
    await expect.poll(() => quick.length).toBe(200);
    demand.request(Infinity);

    expect(got).toEqual(expected);
    subscription.unsubscribe();
    demand.cancel();
    expect(await peer.closed).toBe(1000);
  });
});
