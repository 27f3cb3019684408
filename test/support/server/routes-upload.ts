import { leavesBody } from './leaves-body.js';
import { partsOf } from './multipart.js';
import type { Exchange, Route } from './types.js';

interface Pace {
  /** Bytes to read before anything else happens. */
  readonly upTo?: number;
  /** Bytes per second; endless by default. */
  readonly rate?: number;
}

/** Reads at a pace. While it waits it reads nothing, so the client's writes fill up and are held. */
async function read(x: Exchange, { upTo = Infinity, rate = Infinity }: Pace): Promise<number> {
  let chunks = 0;
  let bytes = 0;
  while (bytes < upTo) {
    const chunk = await nextChunk(x);
    if (chunk === undefined) {
      // An HTTP/2 request that is reset ends as well.
      if (!(x.wire.incoming as { aborted?: boolean }).aborted) x.receivedAll();
      return chunks;
    }
    chunks += 1;
    bytes += chunk.length;
    x.received(chunk);
    if (rate !== Infinity) await x.sleep((chunk.length / rate) * 1000);
  }
  return chunks;
}

/** One chunk, or undefined at the end. */
function nextChunk(x: Exchange): Promise<Buffer | undefined> {
  const { incoming } = x.wire;
  const ready = incoming.read() as Buffer | null;
  if (ready !== null) return Promise.resolve(ready);
  if (incoming.readableEnded) return Promise.resolve(undefined);
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => () => {
      incoming.off('readable', look);
      incoming.off('end', ended);
      x.signal.removeEventListener('abort', leave);
      act();
    };
    const ended = settle(() => resolve(undefined));
    const leave = settle(() => reject(x.signal.reason as Error));
    const look = settle(() => resolve(nextChunk(x)));
    incoming.on('readable', look);
    incoming.on('end', ended);
    x.signal.addEventListener('abort', leave, { once: true });
  });
}

function report(x: Exchange, chunks: number): void {
  const { body, tookMs, headers } = x.recorded();
  const { bytes, sha256 } = body;
  x.json({ bytes, sha256, chunks, tookMs: Math.round(tookMs), headers });
}

/** 100 (Continue) for who waits for it. */
function proceed(x: Exchange): void {
  if (x.header('expect')?.toLowerCase() === '100-continue') x.wire.inform(100, []);
}

const upload = async (x: Exchange) => {
  proceed(x);
  report(x, await read(x, {}));
};

/** `?rate=` bytes per second. */
const slow = async (x: Exchange) => {
  proceed(x);
  report(x, await read(x, { rate: x.query.number('rate', 1024 * 1024) }));
};

/**
 * Reads `?after=` bytes, nothing for `?ms=` (default: ever), then the rest.
 * A client that leaves while nothing is read stays unseen until then: its FIN waits behind its own bytes.
 */
const stall = async (x: Exchange) => {
  proceed(x);
  const before = x.query.number('after', 0) > 0 ? await read(x, { upTo: x.query.number('after', 0) }) : 0;
  if (!x.query.has('ms')) return;
  await x.sleep(x.query.number('ms', 0));
  report(x, before + (await read(x, {})));
};

/** Answers `?status=` (413) without reading. Closes the connection, as servers do, unless `?keep=1`. */
const reject = (x: Exchange) => {
  const close = x.query.has('keep') ? 'keep-alive' : 'close';
  x.json({ rejected: true }, x.query.number('status', 413), [['connection', close]]);
};

/** Reads `?after=` bytes, then breaks the connection: `?how=reset|fin`. */
const reset = async (x: Exchange) => {
  proceed(x);
  await read(x, { upTo: x.query.number('after', 1) });
  x.breakOff(x.query.oneOf('how', ['reset', 'fin'], 'reset'), x.query.number('code', 2));
};

/** `?answer=continue` (after `?delay=` ms), `417`, `413` or `silent`: no 100 ever, the body is read if it comes. */
const expect = async (x: Exchange) => {
  const answer = x.query.oneOf('answer', ['continue', '417', '413', 'silent'], 'continue');
  await x.sleep(x.query.number('delay', 0));
  if (answer === '417' || answer === '413') return x.json({ rejected: true }, Number(answer));
  if (answer === 'continue') proceed(x);
  report(x, await read(x, {}));
};

async function multipart(x: Exchange): Promise<void> {
  const parts = partsOf(x.header('content-type') ?? '', await x.body());
  x.json({ parts }, parts ? 200 : 400);
}

export const uploadRoutes: Readonly<Record<string, Route>> = {
  '/upload': leavesBody(upload),
  '/upload/slow': leavesBody(slow),
  '/upload/stall': leavesBody(stall),
  '/upload/reject': leavesBody(reject),
  '/upload/reset': leavesBody(reset),
  '/upload/expect': leavesBody(expect),
  '/upload/multipart': multipart,
};
