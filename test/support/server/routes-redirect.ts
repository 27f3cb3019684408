import { pairsOf, utf8Header } from './query.js';
import type { Exchange, Pair, Route } from './types.js';

/** Location as given, byte for byte: none, one or several `?to=`. The body: `?body=`, `?size=` bytes or `?drip=n`. */
async function redirect(x: Exchange): Promise<void> {
  const { query } = x;
  await x.sleep(query.number('delay', 0));
  const locations = query.all('to').map((to): Pair => ['location', utf8Header(to)]);
  const cookies = query.all('cookie').map((cookie): Pair => ['set-cookie', cookie]);
  const headers: Pair[] = [...locations, ...cookies, ...pairsOf(query, 'header')];
  const status = query.number('status', 302);
  if (query.has('size')) return huge(x, status, headers);
  if (query.has('drip')) return dripped(x, status, headers);
  x.send(status, headers, query.text('body', 'moved'));
}

async function huge(x: Exchange, status: number, headers: readonly Pair[]): Promise<void> {
  const piece = Buffer.alloc(64 * 1024, 'x');
  x.head(status, [...headers, ['content-length', x.query.text('size', '0')]]);
  for (let left = x.query.number('size', 0); left > 0; left -= piece.length) {
    await x.write(piece.subarray(0, Math.min(left, piece.length)));
  }
  x.end();
}

/** `?drip=n` bytes, one per `?interval=` ms. */
async function dripped(x: Exchange, status: number, headers: readonly Pair[]): Promise<void> {
  x.head(status, headers);
  for (let left = x.query.number('drip', 20); left > 0; left -= 1) {
    await x.write('x');
    await x.sleep(x.query.number('interval', 1));
  }
  x.end();
}

/** `?n=` hops, the last to `?to=` (default `/echo`), each with `?status=` and a cookie `hop<n>`. */
function chain(x: Exchange): void {
  const { query } = x;
  const [left, status] = [query.number('n', 3), query.number('status', 302)];
  const end = query.text('to', '/echo');
  const next = `/redirect/chain?n=${left - 1}&status=${status}&to=${encodeURIComponent(end)}`;
  const cookie: Pair = ['set-cookie', `hop${left}=yes; Path=/`];
  x.send(status, [['location', left <= 1 ? utf8Header(end) : next], cookie], 'moved');
}

/** Two addresses that name each other. */
function loop(x: Exchange): void {
  const there = x.path.endsWith('/b') ? '/redirect/loop' : '/redirect/loop/b';
  x.send(x.query.number('status', 302), [['location', there]], 'moved');
}

export const redirectRoutes: Readonly<Record<string, Route>> = {
  '/redirect': redirect,
  '/redirect/chain': chain,
  '/redirect/loop': loop,
};
