import { filter, firstValueFrom, lastValueFrom, repeat, take, toArray } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { exponential } from '../../lib/core/backoff.js';
import { createBudget } from '../../lib/core/budget.js';
import { isProgress } from '../../lib/core/progress.js';
import { createApi } from '../../lib/http/api.js';
import type { SocketChannel, WebSocketOptions } from '../../lib/stream/socket-types.js';
import { webSocket } from '../../lib/stream/web-socket.js';
import { refusedOrigin } from '../support/server.js';
import { type SocketServer, startSocketServer } from '../support/socket-server.js';

const soon = { baseMs: 1, capMs: 2 };
const open = <T>(url: string, options: WebSocketOptions<T, unknown> = {}): SocketChannel<T, unknown> =>
  webSocket<T, unknown>(url, { reconnect: soon, ...options });
const failure = (channel: SocketChannel<unknown, unknown>) =>
  lastValueFrom(channel.messages, { defaultValue: 'complete' as unknown }).catch((error: unknown) => error);

describe('a connection that ends', () => {
  let server: SocketServer;
  beforeEach(async () => {
    server = await startSocketServer();
  });
  afterEach(() => server.close());

  it.each([1000, 1001, 1012, 1013, 1014, 3008, 4000, 4999])('comes back after close code %i', async (code) => {
    const subscription = open(server.url).messages.subscribe();
    (await server.accept()).socket.close(code);
    const peer = await server.accept();
    subscription.unsubscribe();

    await peer.closed;
    expect(server.peers).toHaveLength(2);
  });

  it('comes back after a close frame without a code, and after none at all', async () => {
    const subscription = open(server.url).messages.subscribe();
    (await server.accept()).socket.close();
    (await server.accept()).socket.terminate();
    const peer = await server.accept();
    subscription.unsubscribe();

    await peer.closed;
    expect(server.peers).toHaveLength(3);
  });

  it.each([1002, 1003, 1007, 1008, 1009, 1010, 1011, 3003, 4400, 4403, 4406, 4409, 4429])(
    'fails for good at close code %i, although the close was clean',
    async (code) => {
      const failed = failure(open(server.url));
      (await server.accept()).socket.close(code, 'go away');

      expect(await failed).toMatchObject({ kind: 'close', code, reason: 'go away', attempts: 1, retryable: false });
      expect(server.peers).toHaveLength(1);
    },
  );

  it('completes at 1000 where that is the end, and nowhere else', async () => {
    const outcome = failure(open(server.url, { end: 'complete' }));
    (await server.accept()).socket.close(1001);
    (await server.accept()).socket.terminate();
    (await server.accept()).socket.close(1000);

    expect(await outcome).toBe('complete');
  });

  it('completes at the terminator, the last message emitted, and takes a goodbye before it for a loss', async () => {
    const channel = open<string>(server.url, { end: { terminator: (message) => message === 'done' } });
    const all = lastValueFrom(channel.messages.pipe(toArray()));
    const first = await server.accept();
    first.send('a');
    first.socket.close(1000);
    const second = await server.accept();
    second.send('b');
    second.send('done');
    second.send('c');

    expect(await all).toEqual(['a', 'b', 'done']);
    expect(await second.closed).toBe(1000);
  });

  it('does what closeCodes says', async () => {
    const failed = failure(open(server.url, { closeCodes: { 1011: 'retry', 1012: 'fail' } }));
    (await server.accept()).socket.close(1011);
    (await server.accept()).socket.close(1012);

    expect(await failed).toMatchObject({ kind: 'close', code: 1012, attempts: 2 });
  });

  it('fails with the first loss where it is not to reconnect', async () => {
    const failed = failure(open(server.url, { reconnect: false }));
    (await server.accept()).socket.terminate();

    expect(await failed).toMatchObject({ kind: 'network', phase: 'receive', transient: true, retryable: false });
    expect(server.peers).toHaveLength(1);
  });

  it('gets new credentials once at 4401, at once, and fails when those will not do', async () => {
    const renewals: boolean[] = [];
    const channel = webSocket(
      ({ renew }) => {
        renewals.push(renew);
        return server.url;
      },
      { reconnect: { baseMs: 60_000 } },
    );
    const failed = failure(channel);
    (await server.accept()).socket.close(4401);
    (await server.accept()).socket.close(4401);

    expect(await failed).toMatchObject({ kind: 'close', code: 4401 });
    expect(renewals).toEqual([false, true]);
  });

  it('tells states, the gap and the values in order', async () => {
    const channel = open<string>(server.url);
    const told = lastValueFrom(channel.messages.events().pipe(take(9), toArray()));
    const first = await server.accept();
    first.send('a');
    first.socket.close(1012, 'deploy');
    (await server.accept()).send('b');
    const events = await told;

    expect(events.map(({ type }) => type)).toEqual([
      'connecting',
      'open',
      'value',
      'lost',
      'waiting',
      'connecting',
      'open',
      'gap',
      'value',
    ]);
    expect(events.filter(({ type }) => type !== 'value').every(isProgress)).toBe(true);
    expect(events[4]).toMatchObject({
      attempt: 1,
      delayMs: expect.any(Number),
      cause: { code: 1012, reason: 'deploy' },
    });
    expect(events[7]).toMatchObject({ attempt: 2, cause: { code: 1012 }, cursor: undefined });
  });

  it('tells whoever comes later how things are', async () => {
    const channel = open<string>(server.url);
    const subscription = channel.messages.subscribe();
    await firstValueFrom(channel.state.pipe(filter(({ type }) => type === 'open')));
    const first = await firstValueFrom(channel.messages.events());
    subscription.unsubscribe();

    expect(first).toMatchObject({ type: 'open', attempt: 1 });
  });

  it('takes its attempts from the budget of its client, and gives one back that won', async () => {
    const budget = createBudget({ capacity: 2, earn: 0 });
    const subscription = open(server.url, { reconnect: { ...soon, budget } }).messages.subscribe();
    (await server.accept()).socket.close(1012);
    const peer = await server.accept();
    expect(budget.state).toMatchObject({ taken: 1, level: 1 });
    peer.send('hello');
    await expect.poll(() => budget.state.level).toBe(2);
    subscription.unsubscribe();
  });

  it('shares the budget of a client, per origin', async () => {
    const api = createApi({ baseUrl: server.url.replace('ws', 'http'), retry: { backoff: exponential({ capMs: 1 }) } });
    const subscription = open(server.url, { api }).messages.subscribe();
    for (let i = 0; i < 10; i++) (await server.accept()).socket.terminate(); // the budget has 10
    await server.accept();
    const error = await lastValueFrom(api.get('/nothing')).catch((e: unknown) => e);
    subscription.unsubscribe();

    expect(error).toMatchObject({ kind: 'status', status: 503, attempts: 1 });
  });

  it('comes back after a refused connection, and says where it went', async () => {
    const nowhere = (await refusedOrigin()).replace('http', 'ws');
    const failed = failure(open(`${nowhere}/feed?token=secret`, { reconnect: { ...soon, attempts: 3 } }));

    expect(await failed).toMatchObject({
      kind: 'network',
      phase: 'connect',
      attempts: 3,
      retryable: false,
      request: { method: 'GET', url: `${nowhere}/feed?token=[hidden]` },
    });
  });

  it('cuts a wait at the last unsubscription', async () => {
    const channel = open(server.url, { reconnect: { baseMs: 60_000 }, random: () => 0.9 });
    const subscription = channel.messages.subscribe();
    (await server.accept()).socket.terminate();
    await firstValueFrom(channel.state.pipe(filter(({ type }) => type === 'waiting')));
    subscription.unsubscribe();
    const again = channel.messages.subscribe();
    await server.accept();
    again.unsubscribe();

    expect(server.peers).toHaveLength(2);
  });

  it('begins anew for a subscriber that comes in answer to the end', async () => {
    const channel = open<string>(server.url, { end: 'complete' });
    const twice = lastValueFrom(channel.messages.pipe(repeat(2), toArray()));
    for (const name of ['a', 'b']) {
      const peer = await server.accept();
      peer.send(name);
      peer.socket.close(1000);
    }

    expect(await twice).toEqual(['a', 'b']);
  });
});
