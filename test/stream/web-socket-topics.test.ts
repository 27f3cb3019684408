import { filter, firstValueFrom, lastValueFrom } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { webSocket } from '../../lib/stream/web-socket.js';
import { type SocketServer, startSocketServer } from '../support/socket-server.js';

interface Message {
  readonly id: string;
  readonly n?: number;
}
interface Command {
  readonly op: string;
  readonly id: string;
}
const spec = {
  subscribe: (id: string): Command => ({ op: 'on', id }),
  unsubscribe: (id: string): Command => ({ op: 'off', id }),
};

describe('topic', () => {
  let server: SocketServer;
  beforeEach(async () => {
    server = await startSocketServer();
  });
  afterEach(() => server.close());
  const open = () =>
    webSocket<Message, Command>(server.url, { topicOf: ({ id }) => id, reconnect: { baseMs: 1, capMs: 2 } });
  const parsed = async (next: Promise<string>) => JSON.parse(await next) as Command;

  it('tells the server when the first subscriber comes and when the last one leaves', async () => {
    const channel = open();
    const all = channel.messages.subscribe();
    const got: number[] = [];
    const [first, second] = [1, 2].map(() => channel.topic('a', spec).subscribe(({ n }) => got.push(n!)));
    const peer = await server.accept();
    const { op, id } = await parsed(peer.next());
    expect(op).toBe('on');
    peer.send({ id, n: 1 });
    peer.send({ id: 'other', n: 2 });
    peer.send({ id: 'a', n: 3 }); // by its name
    await expect.poll(() => got).toEqual([1, 1, 3, 3]);
    first!.unsubscribe();
    second!.unsubscribe();

    expect(await parsed(peer.next())).toEqual({ op: 'off', id });
    expect(peer.received).toHaveLength(2);
    all.unsubscribe();
  });

  it('is asked for in the codec of the channel', async () => {
    const codec = {
      decode: (text: string | Uint8Array) => ({ id: String(text) }),
      encode: ({ op, id }: Command) => `${op} ${id}`,
    };
    const channel = webSocket<Message, Command>(server.url, { topicOf: ({ id }) => id, codec });
    const subscription = channel.topic('a', spec).subscribe();
    const peer = await server.accept();
    expect(await peer.next()).toMatch(/^on a#/);
    const late = channel.topic('b', spec).subscribe();
    expect(await peer.next()).toMatch(/^on b#/);
    late.unsubscribe();
    expect(await peer.next()).toMatch(/^off b#/);
    subscription.unsubscribe();
  });

  it('holds the connection by itself, and says that it leaves before it closes', async () => {
    const subscription = open().topic('a', spec).subscribe();
    const peer = await server.accept();
    await peer.next();
    subscription.unsubscribe();

    expect(await parsed(peer.next())).toMatchObject({ op: 'off' });
    expect(await peer.closed).toBe(1000);
  });

  it('subscribes again under a new id, before anything that waits', async () => {
    const channel = open();
    const got: number[] = [];
    const subscriptions = ['a', 'b'].map((name) => channel.topic(name, spec).subscribe(({ n }) => got.push(n!)));
    const first = await server.accept();
    const { id } = await parsed(first.next());
    await first.next();
    const lost = firstValueFrom(channel.state.pipe(filter(({ type }) => type === 'lost')));
    const says = lost.then(() => channel.send({ op: 'say', id: '' }).subscribe());
    first.socket.terminate();
    await says;
    const second = await server.accept();
    const [again, , said] = [await parsed(second.next()), await second.next(), await parsed(second.next())];
    second.send({ id, n: 1 }); // of the lost connection
    second.send({ id: again.id, n: 2 });
    await expect.poll(() => got).toEqual([2]);

    expect(again.id).not.toBe(id);
    expect(said.op).toBe('say');
    for (const subscription of subscriptions) subscription.unsubscribe();
  });

  it('is dealt out in the same time whether there are ten topics or ten thousand', async () => {
    const channel = open();
    const got: string[] = [];
    const names = Array.from({ length: 10_000 }, (_, i) => `t${i}`);
    const subscriptions = names.map((name) => channel.topic(name, spec).subscribe(() => got.push(name)));
    const peer = await server.accept();
    await expect.poll(() => peer.received.length, { timeout: 5000 }).toBe(10_000);
    for (let i = 0; i < 1000; i++) peer.send({ id: 't9999' });
    await expect.poll(() => got.length).toBe(1000);

    expect(new Set(got)).toEqual(new Set(['t9999']));
    peer.socket.terminate();
    for (const subscription of subscriptions) subscription.unsubscribe();
  });

  it('fails only whoever asks for it where what it says cannot be made', async () => {
    const channel = open();
    const planted = new Error('planted');
    const other = channel.topic('b', spec).subscribe();
    await server.accept();
    await expect.poll(() => firstValueFrom(channel.state)).toMatchObject({ type: 'open' });
    const topic = channel.topic('a', {
      subscribe: () => {
        throw planted;
      },
    });

    await expect(lastValueFrom(topic)).rejects.toBe(planted);
    expect(other.closed).toBe(false);
    other.unsubscribe();
  });
});

describe('request', () => {
  let server: SocketServer;
  beforeEach(async () => {
    server = await startSocketServer();
  });
  afterEach(() => server.close());
  const open = () =>
    webSocket<Message, Command>(server.url, { replyTo: ({ id }) => id, reconnect: { baseMs: 1, capMs: 2 } });
  const ask = (id: string): Command => ({ op: 'ask', id });

  it('gives each answer to whoever asked, whatever the order', async () => {
    const channel = open();
    const answers = Promise.all([1, 2, 3].map(() => lastValueFrom(channel.request(ask))));
    const peer = await server.accept();
    const ids = [await peer.next(), await peer.next(), await peer.next()].map(
      (text) => (JSON.parse(text) as Command).id,
    );
    for (const [i, id] of ids.toReversed().entries()) peer.send({ id, n: i });
    const got = await answers;

    expect(got.map(({ id }) => id)).toEqual(ids);
    expect(await peer.closed).toBe(1000);
  });

  it('has a deadline, the wait for the connection included', async () => {
    await using deaf = await startSocketServer({ verifyClient: (_, done) => void done });
    const channel = webSocket<Message, Command>(deaf.url, { replyTo: ({ id }) => id });

    await expect(lastValueFrom(channel.request(ask, { timeoutMs: 30 }))).rejects.toMatchObject({
      kind: 'timeout',
      which: 'total',
      limitMs: 30,
      retryable: false,
    });
    await expect.poll(() => deaf.open).toBe(0);
  });

  it('fails with the connection, unless it may be sent again', async () => {
    const channel = open();
    const subscription = channel.messages.subscribe();
    const once = lastValueFrom(channel.request(ask)).catch((error: unknown) => error);
    const again = lastValueFrom(channel.request(ask, { idempotent: true }));
    const first = await server.accept();
    const [, { id: old }] = [await first.next(), JSON.parse(await first.next()) as Command];
    first.socket.close(1012);
    expect(await once).toMatchObject({ kind: 'close', code: 1012 });
    const second = await server.accept();
    const { id } = JSON.parse(await second.next()) as Command;
    second.send({ id: old, n: 1 });
    second.send({ id, n: 2 });

    expect(await again).toEqual({ id, n: 2 });
    expect(id).not.toBe(old);
    expect(second.received).toHaveLength(1);
    subscription.unsubscribe();
  });

  it('is forgotten when its subscriber leaves', async () => {
    const channel = open();
    const all = channel.messages.subscribe();
    const asked = channel.request(ask).subscribe();
    const peer = await server.accept();
    const { id } = JSON.parse(await peer.next()) as Command;
    asked.unsubscribe();
    const seen = firstValueFrom(channel.messages);
    peer.send({ id });

    expect(await seen).toEqual({ id });
    all.unsubscribe();
  });

  it.each([
    ['request.timeoutMs', { timeoutMs: -1 }],
    ['request.retries', { retries: 1 } as never],
  ])('refuses what cannot be: %s', (field, options) => {
    expect(() => open().request(ask, options)).toThrow(expect.objectContaining({ kind: 'config', field }));
  });
});
