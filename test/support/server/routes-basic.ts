import { pairsOf } from './query.js';
import type { Exchange, Pair, Route } from './types.js';

/** Anything, said in the query: see the table in server.ts. */
async function reply(x: Exchange): Promise<void> {
  const { query, wire } = x;
  await x.sleep(query.number('headDelay', 0));
  for (const status of query.all('info')) wire.inform(Number(status), [['link', '</style.css>; rel=preload']]);
  const status = query.number('status', 200);
  const body = bodyOf(x);
  const reason = query.has('reason') ? query.text('reason', '') : undefined;
  const headers: Pair[] = pairsOf(query, 'header');
  if (query.has('type')) headers.unshift(['content-type', query.text('type', '')]);
  const trailers = pairsOf(query, 'trailer');
  const chunked = query.text('length', 'yes') === 'no' || trailers.length > 0;
  if (!chunked && !query.has('bodyDelay')) return x.send(status, headers, body, reason);
  if (!chunked) headers.push(['content-length', String(body.length)]);
  if (trailers.length > 0) headers.push(['trailer', trailers.map(([name]) => name).join(', ')]);
  x.head(status, headers, reason);
  await x.sleep(query.number('bodyDelay', 0));
  if (wire.method !== 'HEAD' && body.length > 0) await x.write(body);
  x.end(trailers);
}

/** `?body=`, `?base64=`, or `?size=` times `?fill=`. */
export function bodyOf(x: Exchange, otherwise = ''): Buffer {
  const { query } = x;
  if (query.has('base64')) return Buffer.from(query.text('base64', ''), 'base64');
  if (query.has('size')) return Buffer.alloc(query.number('size', 0), query.text('fill', 'x'));
  return Buffer.from(query.text('body', otherwise));
}

export async function echo(x: Exchange): Promise<void> {
  await x.sleep(x.query.number('delay', 0));
  const bytes = await x.body();
  const { method, url, httpVersion, headers, trailers, at, connection, body } = x.recorded();
  const { sha256 } = body;
  const sent = { bytes: bytes.length, sha256, text: bytes.toString('utf8'), base64: bytes.toString('base64') };
  x.json({ method, url, httpVersion, headers, trailers, at, connection, body: sent });
}

/** `n` bytes of the repeated pattern 0 to 255, a piece at a time. */
async function pattern(x: Exchange): Promise<void> {
  const size = x.query.number('size', 1024 * 1024);
  const piece = Buffer.from(Array.from({ length: 64 * 1024 }, (_, i) => i % 256));
  const length: Pair[] = x.query.text('length', 'yes') === 'no' ? [] : [['content-length', String(size)]];
  x.head(200, [['content-type', 'application/octet-stream'], ...length]);
  if (x.wire.method === 'HEAD') return x.end();
  for (let left = size; left > 0; left -= piece.length) await x.write(piece.subarray(0, Math.min(left, piece.length)));
  x.end();
}

/** 204, 205 or 304; `?body=` adds the body that such an answer must not have (HTTP/1.1 only). */
async function noContent(x: Exchange): Promise<void> {
  const status = x.query.number('status', 204);
  if (!x.query.has('body') || !x.wire.socket) return x.send(status, [['etag', '"same"']]);
  const body = bodyOf(x);
  await x.writeRaw(`HTTP/1.1 ${status} Without Body\r\ncontent-length: ${body.length}\r\n${x.corsLines()}\r\n`);
  await x.writeRaw(body);
  x.finish();
}

const fixed =
  (type: string, body: Uint8Array | string, headers: readonly Pair[] = []): Route =>
  (x) =>
    x.send(200, [['content-type', type], ...headers], body);

const json = 'application/json';
const accents = 'Grüße, café, ±½';

const duplicates: readonly Pair[] = [
  ['x-twice', 'one'],
  ['x-twice', 'two'],
  ['warning', '199 - "first"'],
  ['warning', '199 - "second"'],
  ['cache-control', 'no-store'],
  ['cache-control', 'no-transform'],
];

const cookies: readonly Pair[] = [
  ['set-cookie', 'first=1; Path=/; Expires=Wed, 21 Oct 2099 07:28:00 GMT'],
  ['set-cookie', 'second=2; Path=/; HttpOnly'],
  ['set-cookie', 'third=a,b=c; Path=/'],
];

const many = (count: number): Pair[] => Array.from({ length: count }, (_, i) => [`x-many-${i + 1}`, String(i + 1)]);

export const basicRoutes: Readonly<Record<string, Route>> = {
  '/echo': echo,
  '/reply': reply,
  '/bytes': pattern,
  '/no-content': noContent,
  '/json': fixed(json, '{"ok":true,"list":[1,2,3],"text":"€"}'),
  '/json/empty': fixed(json, ''),
  '/json/bom': fixed(json, '\uFEFF{"bom":true}'),
  '/json/invalid': fixed(json, '{"ok":'),
  '/problem': (x) =>
    x.send(
      x.query.number('status', 422),
      [['content-type', 'application/problem+json']],
      '{"type":"https://example.test/out-of-credit","title":"Out of credit","detail":"30 is missing","balance":30}',
    ),
  '/text/invalid-utf8': fixed(
    'text/plain; charset=utf-8',
    Uint8Array.of(0x61, 0xff, 0xc3, 0x28, 0xed, 0xa0, 0x80, 0x62),
  ),
  '/text/latin1': fixed('text/plain; charset=iso-8859-1', Buffer.from(accents, 'latin1')),
  '/text/utf16': fixed('text/plain; charset=utf-16le', Buffer.from(accents, 'utf16le')),
  '/text/unknown-charset': fixed('text/plain; charset=nonsense', accents),
  '/headers/duplicate': fixed('text/plain', 'duplicates', duplicates),
  '/headers/cookies': fixed('text/plain', 'cookies', cookies),
  '/headers/long': (x) => x.send(200, [['x-long', 'a'.repeat(x.query.number('bytes', 8000))]], 'long'),
  '/headers/many': (x) => x.send(200, many(x.query.number('count', 100)), 'many'),
};
