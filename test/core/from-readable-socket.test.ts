import { createServer as createHttpServer, get } from 'node:http';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { fromReadable } from '../../lib/core/from-readable.js';
import { type Probe, probe, until } from '../../lib/testing/flow-probe.js';

const PIECE = Buffer.alloc(64 * 1024, 'x');
const ALL_BYTES = 64 * 1024 * 1024;

/** Sends 64 MiB as fast as the system takes it. */
function pour(socket: Socket, sender: { bytes: number; closed: boolean }): void {
  const write = (): void => {
    while (sender.bytes < ALL_BYTES) {
      sender.bytes += PIECE.length;
      if (!socket.write(PIECE)) return void socket.once('drain', write);
    }
    socket.end();
  };
  socket.on('error', () => undefined).on('close', () => (sender.closed = true));
  write();
}

/** Waits until the sender has made no progress for a while. */
async function held(sender: { readonly bytes: number }): Promise<number> {
  for (let before = -1; before !== sender.bytes;) {
    before = sender.bytes;
    await sleep(50);
  }
  return sender.bytes;
}

const received = (one: Probe<Uint8Array>): number => one.values.reduce((sum, chunk) => sum + chunk.length, 0);

describe('fromReadable of a socket', () => {
  let server: Server;
  let port: number;
  let sender: { bytes: number; closed: boolean };
  beforeEach(async () => {
    sender = { bytes: 0, closed: false };
    server = createServer((socket) => pour(socket, sender)).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    port = (server.address() as AddressInfo).port;
  });
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  const open = () => fromReadable(() => connect(port, '127.0.0.1'));

  it('holds the sender back until its bytes are asked for, and loses none', { timeout: 30_000 }, async () => {
    const one = probe(open(), 3);
    await one.has(3);
    const before = await held(sender);
    expect(before).toBeLessThan(ALL_BYTES / 2);
    one.request(Infinity);
    await vi.waitUntil(() => one.ending !== undefined, 20_000);
    expect([one.ending, received(one)]).toEqual(['complete', ALL_BYTES]);
  });

  it('closes the connection when it is cancelled', async () => {
    const one = probe(open(), 1);
    await one.has(1);
    one.cancel();
    await until(() => sender.closed);
    expect([sender.closed, sender.bytes < ALL_BYTES]).toEqual([true, true]);
  });

  it('holds the sender back in a loop that takes its time', async () => {
    let chunks = 0;
    for await (const chunk of open()) {
      expect(chunk.length).toBeGreaterThan(0);
      if (++chunks === 5) break;
      expect(await held(sender)).toBeLessThan(ALL_BYTES / 2);
    }
    await until(() => sender.closed);
    expect(sender.closed).toBe(true);
  });
});

describe('fromReadable of an HTTP answer', () => {
  it('fails with the error of the platform when the server breaks off', async () => {
    const server = createHttpServer((_, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half', () => response.destroy());
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const answer = await new Promise<NodeJS.ReadableStream & { destroy(): unknown }>((resolve, reject) => {
      get({ port, host: '127.0.0.1' }, resolve).on('error', reject);
    });
    const one = probe(
      fromReadable(() => answer),
      Infinity,
    );
    await one.ended();
    expect(Buffer.concat(one.values).toString()).toBe('half');
    expect(one.error).toMatchObject({ code: 'ECONNRESET' });
    await new Promise((resolve) => server.close(resolve));
  });
});
