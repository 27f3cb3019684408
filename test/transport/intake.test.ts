import { Buffer } from 'node:buffer';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { Intake } from '../../lib/transport/intake.js';
import { eventually, pass } from '../support/contract/check.js';

let server: Server;
let peer: Socket;
let socket: Socket;
let intake: Intake;
const read: Buffer[] = [];
const text = (): string => Buffer.concat(read).toString();

/** Reads as undici does: at each `readable`, until there is nothing. */
function readAll(this: Socket): void {
  for (let piece = this.read() as Buffer | null; piece !== null; piece = this.read() as Buffer | null) read.push(piece);
}

async function open(direct: boolean): Promise<void> {
  intake = new Intake(direct);
  const { port } = server.address() as AddressInfo;
  socket = connect({ host: '127.0.0.1', port, ...(direct && { onread: intake.onread() }) });
  socket.once('connect', () => void intake.attach(socket));
  [peer] = (await once(server, 'connection')) as [Socket];
  await eventually(() => !socket.connecting, 'the connection');
  socket.on('readable', readAll);
}

beforeEach(async () => {
  read.length = 0;
  server = createServer({ noDelay: true });
  await once(server.listen(0, '127.0.0.1'), 'listening');
});
afterEach(() => {
  socket.destroy();
  peer.destroy();
  server.close();
});

describe.each([
  ['opened with it', true],
  ['that came without', false],
])('the intake of a socket %s', (_name, direct) => {
  beforeEach(() => open(direct));

  it('gives what arrives, and keeps it whole while more arrives', async () => {
    peer.write('first ');
    await eventually(() => text() === 'first ', 'the first piece');
    peer.write('second');
    await eventually(() => text() === 'first second', 'the second piece');

    expect(Intake.of(socket)).toBe(intake);
  });

  it('gives large pieces in order', async () => {
    const sent = Buffer.from(Array.from({ length: 3_000_000 }, (_, i) => i % 251));
    peer.end(sent);
    await once(socket, 'end');

    expect(Buffer.concat(read).equals(sent)).toBe(true);
  });

  it('gives nothing while it is held, then everything, and then the end', async () => {
    intake.hold();
    peer.write('first ');
    await pass(20);
    peer.end('second');
    await pass(20);
    expect([text(), socket.readableEnded]).toEqual(['', false]);
    const ended = once(socket, 'end');
    intake.flow();
    await ended;

    expect(text()).toBe('first second');
  });

  it('holds the peer back, and lets it go on', async () => {
    intake.hold();
    peer.end(Buffer.alloc(50_000_000));
    await pass(50);
    expect(peer.writableLength).toBeGreaterThan(30_000_000);
    expect(socket.readableLength).toBeLessThan(300_000);
    const ended = once(socket, 'end');
    intake.flow();
    await ended;

    expect(Buffer.concat(read).length).toBe(50_000_000);
  });

  it('keeps what came during a hold for who reads next, before what comes later', async () => {
    intake.hold();
    peer.write('first ');
    await pass(20);
    intake.settle();
    expect(text()).toBe('');
    peer.write('second');
    await eventually(() => text() === 'first second', 'both');
  });

  it('gives nothing more when it is held in the middle of a piece that was read', async () => {
    socket.prependListener('readable', () => {
      if (read.length === 0) queueMicrotask(() => intake.hold());
    });
    peer.write('first ');
    await eventually(() => text() === 'first ', 'the first piece');
    peer.write('second');
    await pass(20);
    expect(text()).toBe('first ');
    intake.flow();
    await eventually(() => text() === 'first second', 'the rest');
  });
});
