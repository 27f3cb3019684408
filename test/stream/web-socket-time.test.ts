import { firstValueFrom, filter, lastValueFrom } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { Demand } from '../../lib/core/demand.js';
import { FLOW } from '../../lib/core/flow.js';
import type { SocketChannel, WebSocketOptions } from '../../lib/stream/socket-types.js';
import { webSocket } from '../../lib/stream/web-socket.js';
import { handClock } from '../support/hand-clock.js';
import { type Peer, type SocketServer, startSocketServer } from '../support/socket-server.js';

let server: SocketServer;
beforeEach(async () => {
  server = await startSocketServer();
});
afterEach(async () => {
  vi.unstubAllGlobals();
  await server.close();
});

type Channel = SocketChannel<unknown, unknown>;
const stateOf = (channel: Channel, wanted: string) =>
  firstValueFrom(channel.state.pipe(filter(({ type }) => type === wanted)));

/** A channel on a clock that the test moves, whose waits are as long as they may be, and that asks nobody for life. */
function start(options: WebSocketOptions<unknown, unknown> = {}) {
  const clock = handClock();
  const channel: Channel = webSocket(server.url, { clock, random: () => 1 - 2 ** -40, heartbeat: false, ...options });
  /** Accepts, lets the connection last, and cuts it. @returns the wait for the next one, which then passes */
  const connection = async (lastsMs: number, message?: unknown, cut = (peer: Peer) => peer.socket.terminate()) => {
    const peer = await server.accept();
    await stateOf(channel, 'open');
    if (message !== undefined) {
      const came = firstValueFrom(channel.messages);
      peer.send(message);
      await came;
    }
    clock.pass(lastsMs);
    cut(peer);
    const state = await stateOf(channel, 'waiting');
    const delayMs = state.type === 'waiting' ? Math.round(state.delayMs) : 0;
    clock.pass(delayMs + 1);
    return delayMs;
  };
  return { channel, clock, connection };
}

/** A budget that notes what is asked of it. */
function counting() {
  const calls: string[] = [];
  const note = (what: string) => () => calls.push(what) > 0;
  return { calls, budget: { take: note('take'), refund: note('refund'), earn: note('earn') } as never };
}

describe('the waits of a channel, in time', () => {
  it('begin anew behind a connection that was stable, or lasted a third of that and brought a message', async () => {
    const { channel, connection } = start({ reconnect: { baseMs: 100, stableMs: 9000 } });
    const holding = channel.messages.subscribe();
    const waits: number[] = [];
    for (const ms of [0, 0, 8900, 9000, 0]) waits.push(await connection(ms));
    for (const ms of [2900, 3000, 0]) waits.push(await connection(ms, 'hello'));
    expect(waits).toEqual([100, 200, 400, 100, 200, 400, 100, 200]);
    holding.unsubscribe();
  });

  it('give back what they cost when the last subscriber leaves in one, and leave no timer', async () => {
    const { calls, budget } = counting();
    const { channel, clock } = start({ reconnect: { baseMs: 60_000, budget } });
    const holding = channel.messages.subscribe();
    (await server.accept()).socket.terminate();
    await stateOf(channel, 'waiting');
    expect([calls, clock.pending]).toEqual([['take'], 1]);
    holding.unsubscribe();
    expect([calls, clock.pending]).toEqual([['take', 'refund'], 0]);
  });

  it('go on for as long as the platform knows that it has no network', async () => {
    const { heard, turn } = page();
    const { channel, connection } = start({ reconnect: { baseMs: 100 } });
    const holding = channel.messages.subscribe();
    turn(false);
    await connection(0);
    expect(heard.size).toBe(1);
    await new Promise((resolve) => void setTimeout(resolve, 30));
    expect(server.peers).toHaveLength(1);
    turn(true);
    await stateOf(channel, 'open');
    expect(heard.size).toBe(0);
    turn(false);
    await connection(0);
    holding.unsubscribe();
    expect(heard.size).toBe(0);
  });
});

/** A page whose network comes and goes. */
function page() {
  const heard = new Set<() => void>();
  const navigator = { onLine: true };
  vi.stubGlobal('navigator', navigator);
  vi.stubGlobal('addEventListener', (_: string, listener: () => void) => heard.add(listener));
  vi.stubGlobal('removeEventListener', (_: string, listener: () => void) => heard.delete(listener));
  const turn = (onLine: boolean): void => {
    navigator.onLine = onLine;
    for (const listener of heard) listener();
  };
  return { heard, turn };
}

/** One that asks for a message, and for more when told. */
function slowly(channel: Channel) {
  let demand: Demand | undefined;
  const got: unknown[] = [];
  channel.messages[FLOW].subscribe({
    onSubscribe: (given) => (demand = given).request(1),
    onNext: (value) => void got.push(value),
    onError: () => undefined,
    onComplete: () => undefined,
  });
  return { demand: demand!, got };
}

describe('new credentials', () => {
  it('are asked for once more behind a connection that was stable', async () => {
    const renewals: boolean[] = [];
    const clock = handClock();
    const url = ({ renew }: { readonly renew: boolean }): string => {
      renewals.push(renew);
      return server.url;
    };
    const channel: Channel = webSocket(url, { clock, heartbeat: false, reconnect: { stableMs: 9000 } });
    const failed = lastValueFrom(channel.messages).catch((error: unknown) => error);
    for (const lastsMs of [0, 9000, 0]) {
      const peer = await server.accept();
      await stateOf(channel, 'open');
      clock.pass(lastsMs);
      peer.socket.close(4401);
      await peer.closed;
    }
    expect(await failed).toMatchObject({ kind: 'close', code: 4401 });
    expect(renewals).toEqual([false, true, true]);
  });
});

describe('the life of a channel, in time', () => {
  it('goes on when somebody comes back within lingerMs, however long after that', async () => {
    const { channel, clock } = start({ lingerMs: 60 });
    const first = channel.messages.subscribe();
    const peer = await server.accept();
    await stateOf(channel, 'open');
    first.unsubscribe();
    clock.pass(59);
    const second = channel.messages.subscribe();
    clock.pass(60_000);
    const came = firstValueFrom(channel.messages);
    peer.send('still here');
    expect(await came).toBe('still here');
    second.unsubscribe();
    clock.pass(60);
    expect(await peer.closed).toBe(1000);
    expect(server.peers).toHaveLength(1);
  });

  it('keeps no timer of a request that was answered', async () => {
    const { channel, clock } = start({ replyTo: (message) => (message as { readonly id: string }).id });
    const holding = channel.messages.subscribe();
    const peer = await server.accept();
    await stateOf(channel, 'open');
    const before = clock.pending;
    const answer = lastValueFrom(channel.request((id) => ({ id })));
    const asked = JSON.parse(await peer.next()) as unknown;
    expect(clock.pending).toBe(before + 1);
    peer.send(asked);
    expect(await answer).toEqual(asked);
    expect(clock.pending).toBe(before);
    holding.unsubscribe();
  });

  it('holds a new connection back as well, while a subscriber is slow', async () => {
    const { channel, clock } = start({ reconnect: { baseMs: 100 } });
    const { demand, got } = slowly(channel);
    const first = await server.accept();
    for (let n = 0; n < 200; n++) first.send(n);
    await expect.poll(() => got).toHaveLength(1);
    first.socket.terminate();
    await stateOf(channel, 'waiting');
    clock.pass(200);
    const second = await server.accept();
    await stateOf(channel, 'open');
    let pongs = 0;
    second.socket.on('pong', () => pongs++);
    second.socket.ping();
    await new Promise((resolve) => void setTimeout(resolve, 50));
    expect(pongs).toBe(0);
    demand.request(Infinity);
    await expect.poll(() => pongs).toBe(1);
    demand.cancel();
  });

  it('does not call a server silent whose messages have only just been let in again', async () => {
    const { turn } = page();
    const { channel, clock } = start({ heartbeat: { everyMs: 60_000, pongMs: 100 } });
    const { demand, got } = slowly(channel);
    const peer = await server.accept();
    await stateOf(channel, 'open');
    for (let n = 0; n < 200; n++) peer.send(n);
    await new Promise((resolve) => void setTimeout(resolve, 50));
    // The network is back: the server is asked at once, and its answer waits behind its messages.
    turn(false);
    turn(true);
    clock.pass(99);
    demand.request(Infinity);
    clock.pass(1);
    await expect.poll(() => got).toHaveLength(200);
    expect(await firstValueFrom(channel.state)).toMatchObject({ type: 'open', attempt: 1 });
    demand.cancel();
  });
});
