import type { Transform } from 'node:stream';
import * as zlib from 'node:zlib';

import { LimitError } from '../core/answer-errors.js';
import { hasZstd, zstdAll, ZstdFrames } from './zstd.js';

/** One way to undo a content coding: all at once, or as it comes. */
export interface Coding {
  readonly name: string;
  /** @throws RangeError when more than `maxOutputLength` bytes come out */
  all(bytes: Uint8Array, maxOutputLength: number): Uint8Array;
  /** @param first - the first bytes of the body: what they are decides in the case of deflate */
  stream(first: Uint8Array): Transform;
}

const chunkSize = 65_536;

const gzip: Coding = {
  name: 'gzip',
  all: (bytes, maxOutputLength) => zlib.gunzipSync(bytes, { maxOutputLength }),
  stream: () => zlib.createGunzip({ chunkSize }),
};

/** RFC 9110 means zlib's format; some servers send bare deflate, which its first byte shows. */
const isZlib = (bytes: Uint8Array): boolean => (bytes[0]! & 0x0f) === 8;

const deflate: Coding = {
  name: 'deflate',
  all: (bytes, maxOutputLength) => (isZlib(bytes) ? zlib.inflateSync : zlib.inflateRawSync)(bytes, { maxOutputLength }),
  stream: (first) => (isZlib(first) ? zlib.createInflate : zlib.createInflateRaw)({ chunkSize }),
};

const brotli: Coding = {
  name: 'br',
  all: (bytes, maxOutputLength) => zlib.brotliDecompressSync(bytes, { maxOutputLength }),
  stream: () => zlib.createBrotliDecompress({ chunkSize }),
};

const CODINGS = new Map([
  ['gzip', gzip],
  ['x-gzip', gzip],
  ['deflate', deflate],
  ['br', brotli],
]);

if (hasZstd) CODINGS.set('zstd', { name: 'zstd', all: zstdAll, stream: () => new ZstdFrames() });

/** What we can undo, for the `accept-encoding` field. */
export const ACCEPT_ENCODING: string = [...CODINGS.keys()].filter((name) => name !== 'x-gzip').join(', ');

/**
 * Reads a `content-encoding` field.
 *
 * @returns what to undo, in this order; `undefined` when there is nothing, or something nobody knows
 * @throws LimitError when more than `limit` codings lie on one another
 */
export function codingsOf(field: string, limit: number): readonly Coding[] | undefined {
  const names = field.split(',').map((name) => name.trim().toLowerCase());
  const stacked = names.filter((name) => name !== '' && name !== 'identity');
  if (stacked.length > limit) {
    throw new LimitError('encodings', limit, `the body has ${stacked.length} content encodings`);
  }
  const codings: Coding[] = [];
  for (const name of stacked) {
    const coding = CODINGS.get(name);
    if (!coding) return undefined;
    codings.unshift(coding);
  }
  return codings.length > 0 ? codings : undefined;
}
