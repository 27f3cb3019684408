import { type Misbehaviour, misbehaviours } from './misbehaviours.js';
import { leavesBody } from './leaves-body.js';
import type { Exchange, Route } from './types.js';

/** Between two parts, and before the connection is broken: so that the client reads what came before. */
const gapMs = 10;

async function misbehave(x: Exchange, how: Misbehaviour): Promise<void> {
  if (!x.wire.socket) return overHttp2(x, how);
  const gap = x.query.number('gap', gapMs);
  for (const [i, part] of how.send.entries()) {
    if (i > 0) await x.sleep(gap);
    await x.writeRaw(part.replace('{cors}', x.corsLines(['content-type', 'content-length'])));
  }
  if (how.after === 'keep') return x.finish();
  if (how.after === 'stall') return;
  await x.sleep(gap);
  x.breakOff(how.after);
}

/** RST_STREAM with `?code=` stands for a reset, an early END_STREAM for a FIN. */
async function overHttp2(x: Exchange, how: Misbehaviour): Promise<void> {
  if (how.h2 === undefined) return x.send(501, [], 'this needs HTTP/1.1');
  if (how.h2 !== 'nothing')
    x.head(200, [
      ['content-type', 'text/plain'],
      ['content-length', '100'],
    ]);
  if (how.h2 === 'body') await x.write('first ten.');
  await x.sleep(gapMs);
  if (how.after === 'reset' || how.after === 'fin') x.breakOff(how.after, x.query.number('code', 2));
}

/** `?send=` or `?base64=`, repeated, byte for byte; `?then=` ends it. */
async function raw(x: Exchange): Promise<void> {
  const { query } = x;
  const texts = query.all('send').map((text) => Buffer.from(text, 'utf8').toString('latin1'));
  const bytes = query.all('base64').map((text) => Buffer.from(text, 'base64').toString('latin1'));
  await misbehave(x, {
    send: [...texts, ...bytes],
    after: query.oneOf('then', ['keep', 'stall', 'fin', 'reset'], 'fin'),
  });
}

/** Header lines for ever. */
async function endlessHeader(x: Exchange): Promise<void> {
  const line = 'a'.repeat(1000);
  await x.writeRaw('HTTP/1.1 200 OK\r\n');
  for (let n = 1; ; n += 1) await x.writeRaw(`x-endless-${n}: ${line}\r\n`);
}

/** One header of `?bytes=`, larger than any client takes by default. */
async function hugeHeader(x: Exchange): Promise<void> {
  await x.writeRaw(`HTTP/1.1 200 OK\r\n${x.corsLines()}x-huge: `);
  for (let left = x.query.number('bytes', 1024 * 1024); left > 0; left -= 10_000)
    await x.writeRaw('a'.repeat(Math.min(left, 10_000)));
  await x.writeRaw('\r\ncontent-length: 5\r\n\r\nhello');
  x.finish();
}

/** Answers well, promises keep-alive, and leaves: the race every pool must survive. `?after=ms`, `?how=fin|reset`. */
async function closeAfter(x: Exchange): Promise<void> {
  const { socket } = x.wire;
  const { query, wire } = x;
  const how = query.oneOf('how', ['fin', 'reset'], 'fin');
  const after = query.number('after', 0);
  wire.outgoing.once('finish', () => {
    const leave = () => (how === 'fin' ? socket?.destroySoon() : wire.reset());
    const timer = setTimeout(leave, after);
    socket?.once('close', () => clearTimeout(timer));
  });
  x.send(200, [['content-type', 'text/plain']], 'hello');
}

/** The second request of a connection meets a reset: the race above, made certain. */
function resetOnReuse(x: Exchange): void {
  if (x.turn > 1) return x.breakOff('reset');
  x.send(200, [['content-type', 'text/plain']], 'hello');
}

/** A whole second answer that nobody asked for, on the idle connection, `?after=ms`. `?status=408` is the real world's. */
function unasked(x: Exchange): void {
  const { socket, outgoing } = x.wire;
  const status = x.query.number('status', 200);
  const after = x.query.number('after', 10);
  outgoing.once('finish', () => {
    const send = () => void socket?.write(`HTTP/1.1 ${status} Unasked\r\ncontent-length: 7\r\n\r\nunasked`);
    const timer = setTimeout(send, after);
    socket?.once('close', () => clearTimeout(timer));
  });
  x.send(200, [['content-type', 'text/plain']], 'hello');
}

/** GOAWAY with `?code=`, while this answer still comes. */
function goaway(x: Exchange): void {
  x.wire.goaway?.(x.query.number('code', 0));
  x.send(200, [['content-type', 'text/plain']], 'hello');
}

const named = Object.entries(misbehaviours).map(([name, how]): [string, Route] => [
  `/bad/${name}`,
  (x) => misbehave(x, how),
]);

export const badRoutes: Readonly<Record<string, Route>> = {
  ...Object.fromEntries(named),
  '/raw': raw,
  '/bad/never': () => {},
  '/bad/early-answer': leavesBody((x) => x.send(200, [['content-type', 'text/plain']], 'hello')),
  '/bad/endless-header': endlessHeader,
  '/bad/huge-header': hugeHeader,
  '/bad/close-after': closeAfter,
  '/bad/connection-close': (x) =>
    x.send(
      200,
      [
        ['content-type', 'text/plain'],
        ['connection', 'close'],
      ],
      'hello',
    ),
  '/bad/reset-on-reuse': resetOnReuse,
  '/bad/unasked': unasked,
  '/bad/goaway': goaway,
};
