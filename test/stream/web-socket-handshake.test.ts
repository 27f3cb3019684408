import { firstValueFrom, lastValueFrom, NEVER, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';

import type { SocketChannel, WebSocketOptions } from '../../lib/stream/socket-types.js';
import { webSocket } from '../../lib/stream/web-socket.js';
import { refusedOrigin } from '../support/server.js';
import { startSocketServer } from '../support/socket-server.js';

const soon = { baseMs: 1, capMs: 2 };
const open = <T>(url: string, options: WebSocketOptions<T, unknown> = {}): SocketChannel<T, unknown> =>
  webSocket<T, unknown>(url, { reconnect: soon, ...options });
const failure = (channel: SocketChannel<unknown, unknown>) =>
  lastValueFrom(channel.messages, { defaultValue: 'complete' as unknown }).catch((error: unknown) => error);

describe('a handshake that fails', () => {
  const refusing = (answers: readonly [status: number, fields?: Record<string, string>][]) => {
    let asked = 0;
    return startSocketServer({
      verifyClient: (_, done) => {
        const [status, fields] = answers[asked++] ?? [200];
        done(status === 200, status, '', fields);
      },
    });
  };

  it('is for good where the server says so', async () => {
    await using server = await refusing([[403]]);

    expect(await failure(open(server.url))).toMatchObject({ kind: 'status', status: 403, attempts: 1 });
  });

  it('is repeated after a status that may pass, no earlier than the server asks', async () => {
    await using server = await refusing([[503, { 'retry-after': '1' }]]);
    const from = performance.now();
    const subscription = open(server.url).messages.subscribe();
    await server.accept();
    subscription.unsubscribe();

    expect(performance.now() - from).toBeGreaterThanOrEqual(1000);
  });

  it('gets new credentials once at 401', async () => {
    await using server = await refusing([[401]]);
    const renewals: boolean[] = [];
    const channel = open(server.url, {
      headers: ({ renew }) => {
        renewals.push(renew);
        return {};
      },
    });
    const subscription = channel.messages.subscribe();
    await server.accept();
    subscription.unsubscribe();

    expect(renewals).toEqual([false, true]);
  });

  it('is a timeout where the server does not answer within connectMs', async () => {
    await using server = await startSocketServer({ verifyClient: (_, done) => void done });
    const channel = open(server.url, { connectMs: 30, reconnect: false });

    expect(await failure(channel)).toMatchObject({ kind: 'timeout', which: 'attempt', limitMs: 30 });
    await expect.poll(() => server.open).toBe(0);
  });

  it('is one error where the platform tells two', async () => {
    const channel = open((await refusedOrigin()).replace('http', 'ws'), { reconnect: false });
    const errors: unknown[] = [];
    channel.messages.subscribe({ error: (error) => errors.push(error) });
    await expect.poll(() => errors).toHaveLength(1);
    await new Promise((resolve) => setTimeout(resolve, 20));

    expect(errors).toHaveLength(1);
  });
});

describe('what a connection begins with', () => {
  it('is the handshake, before everything that waits; its messages are seen by all', async () => {
    await using server = await startSocketServer();
    const channel = open<string>(server.url, {
      handshake: async ({ send, messages }) => {
        const answer = firstValueFrom(messages);
        send('who I am');
        await answer;
      },
    });
    const got: string[] = [];
    const subscription = channel.messages.subscribe((message) => got.push(message));
    channel.send('waits').subscribe();
    const peer = await server.accept();
    expect(await peer.next()).toBe('"who I am"');
    expect(await firstValueFrom(channel.state)).toMatchObject({ type: 'connecting' });
    expect(channel.pending.messages).toBe(1);
    peer.send('welcome');
    expect(await peer.next()).toBe('"waits"');
    subscription.unsubscribe();

    expect(got).toEqual(['welcome']);
  });

  it('is told which attempt it is, and whether it needs new credentials', async () => {
    await using server = await startSocketServer();
    const told: unknown[] = [];
    const channel = open<string>(server.url, {
      reconnect: { baseMs: 1, capMs: 2 },
      handshake: ({ attempt, renew }) => {
        told.push([attempt, renew]);
        return [];
      },
    });
    const subscription = channel.messages.subscribe();
    (await server.accept()).socket.close(1012);
    (await server.accept()).socket.close(4401);
    await server.accept();
    await expect
      .poll(() => told)
      .toEqual([
        [1, false],
        [2, false],
        [3, true],
      ]);
    subscription.unsubscribe();
  });

  it('ends the stream with the error of the handshake, the same object', async () => {
    await using server = await startSocketServer();
    const planted = new Error('planted');

    expect(await failure(open(server.url, { handshake: () => throwError(() => planted) }))).toBe(planted);
    expect(
      await failure(
        open(server.url, {
          handshake: () => {
            throw planted;
          },
        }),
      ),
    ).toBe(planted);
  });

  it('is within connectMs', async () => {
    await using server = await startSocketServer();
    const channel = open(server.url, { handshake: () => NEVER, connectMs: 50, reconnect: false });

    expect(await failure(channel)).toMatchObject({ kind: 'timeout', which: 'attempt' });
  });
});
