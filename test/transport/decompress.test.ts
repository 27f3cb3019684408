import * as zlib from 'node:zlib';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { ApiError } from '../../lib/core/errors.js';
import { ACCEPT_ENCODING } from '../../lib/transport/codings.js';
import { Decoding, type DecodingTarget } from '../../lib/transport/decompress.js';
import { eventually } from '../support/contract/check.js';
import { hasZstd } from '../support/server.js';

type Code = (bytes: Uint8Array) => Uint8Array;
const coders: Record<string, Code> = {
  gzip: (bytes) => zlib.gzipSync(bytes),
  deflate: (bytes) => zlib.deflateSync(bytes),
  br: (bytes) => zlib.brotliCompressSync(bytes, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 1 } }),
  ...(hasZstd && { zstd: (bytes: Uint8Array) => zlib.zstdCompressSync(bytes) }),
};
const names = Object.keys(coders);

/** Collects what comes out. */
class Sink implements DecodingTarget {
  readonly pieces: Uint8Array[] = [];
  error: ApiError | undefined;
  drains = 0;
  readonly settled: Promise<this>;
  #settle = (): void => {};
  constructor() {
    this.settled = new Promise((resolve) => {
      this.#settle = () => resolve(this);
    });
  }

  get size(): number {
    return this.pieces.reduce((sum, piece) => sum + piece.length, 0);
  }

  decoded(bytes: Uint8Array): void {
    this.pieces.push(bytes);
  }

  decodedAll(): void {
    this.#settle();
  }

  decodedBadly(error: ApiError): void {
    this.error = error;
    this.#settle();
  }

  drained(): void {
    this.drains++;
  }
}

/** Feeds `bytes` in pieces of `every` bytes, and resolves with what came of it. */
function decode(field: string, bytes: Uint8Array, every = Infinity, stream = false): Promise<Sink> {
  const sink = new Sink();
  const decoding = Decoding.of(field, { stream, limits: { encodings: 5 } }, sink)!;
  for (let at = 0; at < bytes.length; at += every)
    decoding.write(bytes.subarray(at, Math.min(bytes.length, at + every)));
  decoding.end();
  return sink.settled;
}

const text = (sink: Sink) => Buffer.concat(sink.pieces).toString();
const noise = (size: number) => Buffer.from(Array.from({ length: size }, (_, i) => (i * 7919 + (i >> 7) * 31) % 251));

describe('decoding a body', () => {
  it('gives back what was coded, whatever lies on it and wherever it is cut', async () => {
    const layers = fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 3 });
    const body = fc.uint8Array({ minLength: 1, maxLength: 3_000 });
    await fc.assert(
      fc.asyncProperty(
        layers,
        body,
        fc.integer({ min: 1, max: 500 }),
        fc.boolean(),
        async (codings, plain, every, stream) => {
          const coded = codings.reduce<Uint8Array>((bytes, name) => coders[name]!(bytes), plain);
          const { pieces, error } = await decode(codings.join(', '), coded, every, stream);
          expect(error).toBeUndefined();
          expect(Buffer.concat(pieces).equals(plain)).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('fails wherever the body is cut short', async () => {
    const plain = noise(2_000);
    for (const name of names) {
      const coded = coders[name]!(plain);
      for (const stream of [false, true]) {
        for (const at of [1, 5, coded.length >> 1, coded.length - 1]) {
          const { error } = await decode(name, coded.subarray(0, at), Infinity, stream);
          expect({ name, at, kind: error?.kind, retryable: error?.retryable }).toEqual({
            name,
            at,
            kind: 'decode',
            retryable: false,
          });
        }
      }
    }
  });

  it('takes deflate without its wrapper, as some servers send it', async () => {
    for (const stream of [false, true]) {
      expect(text(await decode('deflate', zlib.deflateRawSync('bare'), 1, stream))).toBe('bare');
    }
  });

  it('reads the names of codings whatever their case, and passes over identity', async () => {
    expect(text(await decode(' GZip ,, identity', zlib.gzipSync('named')))).toBe('named');
    expect(text(await decode('x-gzip', zlib.gzipSync('named')))).toBe('named');
  });

  it('has nothing to do with no coding, or with one that is not known', () => {
    const options = { stream: false, limits: { encodings: 5 } };
    for (const field of ['', 'identity', 'compress', 'gzip, nonsense']) {
      expect(Decoding.of(field, options, new Sink())).toBeUndefined();
    }
  });

  it('refuses more codings than allowed, known or not', () => {
    const options = { stream: false, limits: { encodings: 2 } };

    expect(() => Decoding.of('gzip,br,nonsense', options, new Sink())).toThrow(
      expect.objectContaining({ kind: 'limit', which: 'encodings', limit: 2 }),
    );
    expect(Decoding.of('gzip, identity, br', options, new Sink())).toBeDefined();
  });

  it('takes members of gzip one after the other', async () => {
    const twice = Buffer.concat([zlib.gzipSync('one, '), zlib.gzipSync('two')]);

    expect(text(await decode('gzip', twice))).toBe('one, two');
    expect(text(await decode('gzip', twice, 7, true))).toBe('one, two');
  });

  it.runIf(hasZstd)('takes frames of zstd one after the other, also within one piece', async () => {
    const frames = Buffer.concat(['one, ', 'two, ', 'three'].map((part) => zlib.zstdCompressSync(part)));
    for (const every of [Infinity, 1, 9, 20]) {
      for (const stream of [false, true])
        expect(text(await decode('zstd', frames, every, stream))).toBe('one, two, three');
    }
    const cut = frames.subarray(0, frames.length - 3);
    for (const stream of [false, true])
      expect((await decode('zstd', cut, Infinity, stream)).error?.kind).toBe('decode');
  });

  it('asks for what it can undo', () => {
    expect(ACCEPT_ENCODING).toBe(names.join(', '));
  });
});

describe('a body that grows when decoded', () => {
  const zeros = Buffer.alloc(20_000_000);

  it('comes in pieces, of which none is large', async () => {
    for (const name of names) {
      const { pieces, size } = await decode(name, coders[name]!(zeros));
      expect([name, size]).toEqual([name, zeros.length]);
      expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThanOrEqual(1_048_576);
    }
  });

  it.each(names)('stops growing while paused: %s', async (name) => {
    const sink = new Sink();
    const decoding = Decoding.of(name, { stream: true, limits: { encodings: 5 } }, sink)!;
    sink.decoded = (bytes) => {
      sink.pieces.push(bytes);
      decoding.pause();
    };
    decoding.write(coders[name]!(zeros));
    decoding.end();
    for (let i = 0; i < 50; i++) await new Promise((resolve) => void setImmediate(resolve));
    expect(sink.size).toBeLessThan(200_000);
    sink.decoded = (bytes) => void sink.pieces.push(bytes);
    decoding.resume();
    await sink.settled;
    expect(sink.size).toBe(zeros.length);
  });

  it('holds the sender back while nothing is taken from it, and tells when it goes on', async () => {
    const sink = new Sink();
    const decoding = Decoding.of('gzip, gzip', { stream: true, limits: { encodings: 5 } }, sink)!;
    decoding.pause();
    const coded = zlib.gzipSync(zlib.gzipSync(noise(3_000_000), { level: 0 }), { level: 0 });
    const takes: boolean[] = [];
    for (let at = 0; at < coded.length; at += 65_536) takes.push(decoding.write(coded.subarray(at, at + 65_536)));
    expect(takes.at(-1)).toBe(false);
    expect(sink.drains).toBe(0);
    decoding.resume();
    await eventually(() => sink.drains === 1, 'drained');
    decoding.end();
    await sink.settled;
    expect(sink.size).toBe(3_000_000);
  });

  it('says nothing more once it is destroyed', async () => {
    const sink = new Sink();
    const decoding = Decoding.of('gzip', { stream: true, limits: { encodings: 5 } }, sink)!;
    decoding.write(zlib.gzipSync(zeros));
    decoding.destroy();
    decoding.write(Buffer.from('not gzip at all'));
    decoding.end();
    for (let i = 0; i < 50; i++) await new Promise((resolve) => void setImmediate(resolve));

    expect([sink.size, sink.error]).toEqual([0, undefined]);
  });
});
