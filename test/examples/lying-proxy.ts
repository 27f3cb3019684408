import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { type Duplex, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type AddressInfo, connect } from 'node:net';

/** Changes what passes: answers whose path matches, or the bodies of requests. */
export interface Lie {
  readonly path: RegExp;
  readonly of: 'request' | 'answer';
  /** Runs on each matching body, piece by piece. */
  readonly change: (text: string) => string;
}

/** A server between the example and its API that does not tell the truth. */
export async function lyingProxy(to: string, lies: readonly Lie[]): Promise<{ url: string; server: Server }> {
  const server = createServer((asked, answer) => {
    const { socket } = asked; // a request that has failed has none any more
    relay(new URL(asked.url!, to), lies, asked, answer).catch(() => socket.resetAndDestroy());
  });
  server.on('upgrade', (asked, socket) => tunnel(new URL(asked.url!, to), lies, asked, socket));
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

async function relay(url: URL, lies: readonly Lie[], asked: IncomingMessage, answer: ServerResponse): Promise<void> {
  const passing = request(url, { method: asked.method!, headers: asked.headers });
  answer.once('close', () => passing.destroy());
  const told = once(passing, 'response') as Promise<[IncomingMessage]>;
  const [, [from]] = await Promise.all([pipeline(asked, liar(url, lies, 'request'), passing), told]);
  const { 'content-length': _, ...headers } = from.headers;
  answer.writeHead(from.statusCode!, headers);
  await pipeline(from, liar(url, lies, 'answer'), answer);
}

/** A WebSocket: what the server says is lied about piece by piece, and whoever leaves takes the other side along. */
function tunnel(url: URL, lies: readonly Lie[], asked: IncomingMessage, socket: Duplex): void {
  const lie = lies.find(({ path, of }) => of === 'answer' && path.test(url.pathname));
  const passing = connect(Number(url.port), url.hostname, () => {
    const fields = Object.entries(asked.headers).map(([name, value]) => `${name}: ${String(value)}\r\n`);
    passing.write(`GET ${url.pathname} HTTP/1.1\r\n${fields.join('')}\r\n`);
    socket.pipe(passing);
  });
  passing.on('data', (chunk: Buffer) => {
    socket.write(lie ? Buffer.from(lie.change(chunk.toString('latin1')), 'latin1') : chunk);
  });
  for (const side of [socket, passing]) side.on('error', () => {});
  socket.on('close', () => passing.destroy());
  passing.on('close', () => socket.destroy());
}

/** Lets bodies through, those that a lie is about as one piece, or line by line where they have lines. */
function liar(url: URL, lies: readonly Lie[], of: Lie['of']): Transform {
  const lie = lies.find(({ path, of: what }) => what === of && path.test(url.pathname));
  let held = '';
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (!lie) return done(null, chunk);
      held += chunk.toString('latin1');
      const end = held.lastIndexOf('\n') + 1;
      const whole = held.slice(0, end);
      held = held.slice(end);
      done(null, whole && Buffer.from(lie.change(whole), 'latin1'));
    },
    flush: (done) => (held && lie ? done(null, Buffer.from(lie.change(held), 'latin1')) : done()),
  });
}
