// A WebSocket server that sends as many messages as it is asked for, and counts those that come.
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';

import { type WebSocket, WebSocketServer } from 'ws';

import type { Prepare } from '../harness/contract.ts';
import { tick, tinyTick } from './job.ts';

const HIGH_BYTES = 4 * 1024 * 1024;

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Messages that leave in one write, as they do where the sender is busy: with one each, the system's calls cost most. */
const TOGETHER = 64;

async function flood(socket: WebSocket, stream: Socket, messages: number, tiny: boolean): Promise<void> {
  for (let n = 0; n < messages; n++) {
    if (n % TOGETHER === 0) {
      stream.uncork();
      while (socket.bufferedAmount > HIGH_BYTES) await turn();
      stream.cork();
    }
    socket.send(JSON.stringify(tiny ? tinyTick(n) : tick(n)));
  }
  stream.uncork();
}

export const prepare: Prepare = async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  server.on('connection', (socket, { socket: stream }) => {
    let expected = 0;
    let came = 0;
    socket.on('message', (data: Buffer) => {
      const text = data.toString();
      if (text.startsWith('{"flood"')) {
        const { flood: n, tiny } = JSON.parse(text) as { flood: number; tiny: boolean };
        return void flood(socket, stream, n, tiny);
      }
      if (text.startsWith('{"expect"')) {
        expected = (JSON.parse(text) as { expect: number }).expect;
        came = 0;
      } else if (++came === expected) {
        socket.send(JSON.stringify(tick(expected)));
      }
    });
  });
  await once(server, 'listening');
  return { run: () => ({ port: (server.address() as AddressInfo).port }) };
};
