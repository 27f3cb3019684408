// The server of all HTTP parts: answers from memory, with as little work of its own as it can.
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';

import type { Prepare } from '../harness/contract.ts';
import { fields, json, large, small } from './answers.ts';
import { Sender } from './sender.ts';

const answers = new Map<string, Buffer>([
  ['/small', json(small)],
  ['/post', json(small)],
  ['/large', json(large)],
  ['/gzip', fields('application/json; charset=utf-8', gzipSync(JSON.stringify(large)), 'content-encoding: gzip\r\n')],
]);

let held = 0;
const sender = new Sender();

/** Reads requests off a socket; they may come in pieces, or several in one. */
class Conversation {
  #rest = '';
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  read(chunk: Buffer): void {
    let text = this.#rest + chunk.toString('latin1');
    for (let next = this.#take(text); next !== undefined; next = this.#take(text)) text = next;
    this.#rest = text;
  }

  /** @returns what comes after the first request; undefined when that is not complete */
  #take(text: string): string | undefined {
    const head = text.indexOf('\r\n\r\n');
    if (head < 0) return undefined;
    let end = head + 4;
    if (!text.startsWith('GET')) {
      end += Number(/\r\ncontent-length: *(\d+)/i.exec(text)?.[1] ?? 0);
      if (text.length < end) return undefined;
    }
    const from = text.indexOf(' ') + 1;
    this.#answer(text.slice(from, text.indexOf(' ', from)));
    return text.slice(end);
  }

  #answer(path: string): void {
    const known = answers.get(path);
    if (known) this.#socket.write(known);
    else if (path === '/hold') held++;
    else if (path === '/sent') this.#socket.write(json({ sentAtMs: sender.sentAtMs }));
    else sender.send(this.#socket, path);
  }
}

/** Orders: none needed; the facts say where it listens and what it saw. */
export const prepare: Prepare = async () => {
  const server = createServer({ noDelay: true }, (socket) => {
    const conversation = new Conversation(socket);
    socket.on('data', (chunk: Buffer) => conversation.read(chunk));
    socket.on('error', () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen({ port: 0, host: '127.0.0.1', backlog: 16_384 }, resolve));
  const { port } = server.address() as AddressInfo;
  return { run: () => ({ port, held }) };
};
