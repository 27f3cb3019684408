import { Readable, type Transform } from 'node:stream';
import * as zlib from 'node:zlib';

import { bodyOf } from './routes-basic.js';
import type { Exchange, Pair, Route } from './types.js';

/** One content coding: its name on the wire, and how it is made, at once and as a stream. */
interface Coding {
  readonly name: string;
  readonly all: (bytes: Uint8Array) => Uint8Array;
  readonly stream?: () => Transform;
}

const quick = { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 2 } };

const codings: Readonly<Record<string, Coding>> = {
  gzip: { name: 'gzip', all: (b) => zlib.gzipSync(b), stream: () => zlib.createGzip() },
  'x-gzip': { name: 'x-gzip', all: (b) => zlib.gzipSync(b), stream: () => zlib.createGzip() },
  deflate: { name: 'deflate', all: (b) => zlib.deflateSync(b), stream: () => zlib.createDeflate() },
  'deflate-raw': { name: 'deflate', all: (b) => zlib.deflateRawSync(b), stream: () => zlib.createDeflateRaw() },
  br: { name: 'br', all: (b) => zlib.brotliCompressSync(b, quick), stream: () => zlib.createBrotliCompress(quick) },
  zstd: { name: 'zstd', all: (b) => zlib.zstdCompressSync(b), stream: () => zlib.createZstdCompress() },
};

/** Node before 22.15 has no zstd: the route then answers 501. */
export const hasZstd = 'zstdCompressSync' in zlib;

/** A name that is no coding (`identity`, `compress`, `nonsense`) leaves the bytes as they are. */
function codingOf(name: string): Coding {
  return codings[name] ?? { name, all: (bytes) => bytes };
}

const damages: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  none: (bytes) => bytes,
  truncate: (bytes) => bytes.subarray(0, Math.max(1, Math.floor(bytes.length / 2))),
  corrupt: (bytes) => bytes.map((byte, i) => (i === bytes.length >> 1 ? byte ^ 0xff : byte)) as Buffer,
  checksum: (bytes) => bytes.map((byte, i) => (i === bytes.length - 6 ? byte ^ 0xff : byte)) as Buffer,
  trailing: (bytes) => Buffer.concat([bytes, Buffer.from('trailing garbage')]),
  twice: (bytes) => Buffer.concat([bytes, bytes]),
  empty: () => Buffer.alloc(0),
};

/**
 * A body encoded by each `?as=` in turn, then damaged as `?damage=` says.
 * `?header=` replaces Content-Encoding; `?status=`; `?chunked=1` leaves the length out.
 */
async function encoded(x: Exchange): Promise<void> {
  const { query, wire } = x;
  const layers = query.all('as').map(codingOf);
  if (layers.some((layer) => layer.name === 'zstd') && !hasZstd) return x.send(501, [], 'this Node has no zstd');
  const bytes = layers.reduce<Uint8Array>((inner, layer) => layer.all(inner), bodyOf(x, '{"encoded":true}'));
  const damage = query.oneOf('damage', Object.keys(damages), 'none');
  const body = damages[damage]!(Buffer.from(bytes));
  const headers: Pair[] = [['content-type', query.text('type', 'application/json')], encodingOf(x, layers)];
  const status = query.number('status', 200);
  if (!query.has('chunked') || wire.method === 'HEAD') return x.send(status, headers, body);
  x.head(status, headers);
  await x.write(body);
  x.end();
}

function encodingOf(x: Exchange, layers: readonly Coding[]): Pair {
  return ['content-encoding', x.query.text('header', layers.map(({ name }) => name).join(', '))];
}

/** Zeros, `?bytes=` of them (default 256 MiB), through each `?as=` (default gzip): never held as a whole. */
async function bomb(x: Exchange): Promise<void> {
  const { query } = x;
  const names = query.has('as') ? query.all('as') : ['gzip'];
  const layers = names.map(codingOf);
  x.head(query.number('status', 200), [['content-type', 'application/octet-stream'], encodingOf(x, layers)]);
  if (x.wire.method === 'HEAD') return x.end();
  const zeros = Readable.from(pieces(query.number('bytes', 256 * 1024 * 1024)), { highWaterMark: 1, signal: x.signal });
  const streams = [zeros, ...layers.flatMap(({ stream }) => stream?.() ?? [])];
  for (const stream of streams) stream.on('error', () => {}); // the client leaving ends them all
  const last = streams.reduce((from, to) => from.pipe(to as Transform));
  x.signal.addEventListener('abort', () => streams.forEach((stream) => stream.destroy()), { once: true });
  for await (const piece of last) await x.write(piece as Uint8Array);
  x.end();
}

function* pieces(bytes: number): Generator<Buffer> {
  const zeros = Buffer.alloc(64 * 1024);
  for (let left = bytes; left > 0; left -= zeros.length) yield zeros.subarray(0, Math.min(left, zeros.length));
}

export const encodingRoutes: Readonly<Record<string, Route>> = { '/encoded': encoded, '/bomb': bomb };
