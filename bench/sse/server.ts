// Sends server-sent events as fast as the reader takes them: `/<shape>/<count>`.
import { type AddressInfo, createServer, type Socket } from 'node:net';

import { eventsOf } from '../decode/events.ts';
import type { Prepare } from '../harness/contract.ts';

const HEAD =
  'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n';
/** About so many bytes leave at once. */
const BLOCK = 16_384;

function pump(socket: Socket, shape: string, total: number): void {
  const { text, count } = eventsOf(shape, BLOCK);
  const block = Buffer.from(text);
  let left = total;
  socket.write(HEAD);
  const more = (): void => {
    for (; left >= count; left -= count) {
      if (!socket.write(block)) {
        left -= count;
        return void socket.once('drain', more);
      }
    }
    if (left > 0)
      socket.write(
        text
          .split(/(?<=\n\n)/)
          .slice(0, left)
          .join(''),
      );
  };
  more();
}

/** Orders: none needed; the facts say where it listens. */
export const prepare: Prepare = async () => {
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => socket.destroy());
    socket.once('data', (chunk: Buffer) => {
      const [, shape = '', count = '0'] = /^GET \/(\w+)\/(\d+)/.exec(chunk.toString('latin1')) ?? [];
      pump(socket, shape, Number(count));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { run: () => ({ port }) };
};
