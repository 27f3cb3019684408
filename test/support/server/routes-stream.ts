import { pairsOf, type Query } from './query.js';
import type { Exchange, Pair, Route } from './types.js';

const endings = ['end', 'reset', 'fin', 'stall'] as const;

/** `?then=` says how a stream ends: well, by a reset, by a FIN in the middle, or never. */
async function endAs(x: Exchange): Promise<void> {
  const then = x.query.oneOf('then', endings, 'end');
  if (then === 'end') return x.end(pairsOf(x.query, 'trailer'));
  if (then === 'stall') return;
  await x.sleep(10); // lets what was written arrive before it is broken off
  x.breakOff(then, x.query.number('code', 2));
}

function begin(x: Exchange, type: string): void {
  const trailers = pairsOf(x.query, 'trailer').map(([name]) => name);
  const announced: Pair[] = trailers.length > 0 ? [['trailer', trailers.join(', ')]] : [];
  x.head(x.query.number('status', 200), [['content-type', type], ...announced, ...pairsOf(x.query, 'header')]);
}

/** One row as text. `size` is that of the whole line, where that is more than the row needs. */
export function rowOf(row: number, size: number): string {
  const bare = JSON.stringify({ row });
  const room = size - bare.length - ',"pad":""\n'.length;
  return room <= 0 ? bare : JSON.stringify({ row, pad: 'x'.repeat(room) });
}

/** `?rows=n` (default 10) or `?rows=endless`. */
function rowsOf(query: Query): number {
  return query.text('rows', '10') === 'endless' ? Infinity : query.number('rows', 10);
}

async function ndjson(x: Exchange): Promise<void> {
  const { query } = x;
  const [interval, size, rows] = [query.number('interval', 0), query.number('size', 0), rowsOf(query)];
  const newline = query.oneOf('newline', ['lf', 'crlf'], 'lf') === 'lf' ? '\n' : '\r\n';
  const unclosed = query.oneOf('last', ['closed', 'open'], 'closed') === 'open';
  begin(x, 'application/x-ndjson');
  if (x.wire.method === 'HEAD') return x.end();
  for (let row = 1; row <= rows; row += 1) {
    if (interval > 0 && row > 1) await x.sleep(interval);
    await x.write(rowOf(row, size) + (unclosed && row === rows ? '' : newline));
  }
  await endAs(x);
}

/** One byte at a time: `?bytes=n` (or endless), `?interval=ms`, `?char=`. */
async function drip(x: Exchange): Promise<void> {
  const { query } = x;
  const bytes = query.text('bytes', '20') === 'endless' ? Infinity : query.number('bytes', 20);
  const interval = query.number('interval', 1);
  begin(x, query.text('type', 'text/plain'));
  for (let sent = 0; sent < bytes; sent += 1) {
    await x.write(query.text('char', 'x'));
    await x.sleep(interval);
  }
  await endAs(x);
}

/** `?text=` in pieces of `?every=` bytes, each its own packet: characters come apart. */
async function split(x: Exchange): Promise<void> {
  const { query } = x;
  const bytes = Buffer.from(query.text('text', 'a€😀é漢字\n'));
  const every = query.number('every', 1);
  begin(x, query.text('type', 'text/plain; charset=utf-8'));
  for (let at = 0; at < bytes.length; at += every) {
    await x.write(bytes.subarray(at, at + every));
    await x.sleep(query.number('interval', 1));
  }
  await endAs(x);
}

/** `?chunk=`, repeated, each in one write. */
async function chunks(x: Exchange): Promise<void> {
  begin(x, x.query.text('type', 'text/plain'));
  for (const chunk of x.query.all('chunk')) {
    await x.write(chunk);
    await x.sleep(x.query.number('interval', 1));
  }
  await endAs(x);
}

export const streamRoutes: Readonly<Record<string, Route>> = {
  '/ndjson': ndjson,
  '/drip': drip,
  '/split': split,
  '/chunks': chunks,
};
