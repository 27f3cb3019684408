import type { Socket } from 'node:net';

import { headOf } from './answers.ts';

const chunkBytes = 65_536;
const linesPerChunk = 320;
/** One record of an export: 200 bytes with its line feed. */
const record = (id: number): string => `${`{"id":${id},"name":"Grace Hopper","note":"`.padEnd(197, 'x')}"}\n`;

/** Sends long bodies, as fast as the reader takes them. */
export class Sender {
  /** When the last long body had left this process; milliseconds of the machine's clock. */
  sentAtMs = 0;

  /** `/bytes/N` is N bytes, `/lines/N` N records of NDJSON. */
  send(socket: Socket, path: string): void {
    const [, kind = '', count = '0'] = path.split('/');
    const n = Number(count);
    if (kind === 'lines') this.#pump(socket, 'application/x-ndjson', n * 200, chunksOfLines(n));
    else this.#pump(socket, 'application/octet-stream', n, chunksOfBytes(n));
  }

  #pump(socket: Socket, type: string, bytes: number, chunks: Iterator<Buffer, void>): void {
    socket.write(headOf(type, bytes));
    const more = (): void => {
      for (let next = chunks.next(); !next.done; next = chunks.next()) {
        if (!socket.write(next.value)) return void socket.once('drain', more);
      }
      this.sentAtMs = performance.timeOrigin + performance.now();
    };
    more();
  }
}

function* chunksOfBytes(n: number): Generator<Buffer, void> {
  const full = Buffer.alloc(chunkBytes, 'millrace');
  for (let left = n; left > 0; left -= chunkBytes) yield left >= chunkBytes ? full : full.subarray(0, left);
}

function* chunksOfLines(n: number): Generator<Buffer, void> {
  for (let from = 0; from < n; from += linesPerChunk) {
    const count = Math.min(linesPerChunk, n - from);
    yield Buffer.from(Array.from({ length: count }, (_, index) => record(from + index)).join(''));
  }
}
