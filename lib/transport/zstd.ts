import { Buffer } from 'node:buffer';
import { Transform, type TransformCallback } from 'node:stream';
import * as zlib from 'node:zlib';

/** Node has zstd since 22.15. */
export const hasZstd: boolean = 'createZstdDecompress' in zlib;

/** RFC 9659: 8 MiB is all the window a server may ask for. */
const options = () => ({ chunkSize: 65_536, params: { [zlib.constants.ZSTD_d_windowLogMax]: 23 } });

/**
 * Undoes zstd. A body may hold several frames, as parallel compressors make them: node stops after the first and
 * drops the rest without a word, so each frame gets a stream of its own.
 */
export class ZstdFrames extends Transform {
  #frame = this.#open();

  override _transform(chunk: Uint8Array, _encoding: string, done: TransformCallback): void {
    this.#feed(chunk, done);
  }

  override _flush(done: TransformCallback): void {
    this.#frame.once('end', () => done());
    this.#frame.end();
  }

  override _read(size: number): void {
    this.#frame.resume();
    super._read(size); // oxlint-disable-line no-underscore-dangle -- node's name
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#frame.destroy();
    done(error);
  }

  #feed(chunk: Uint8Array, done: TransformCallback): void {
    const frame = this.#frame;
    const before = frame.bytesWritten;
    frame.write(chunk, () => {
      const used = frame.bytesWritten - before;
      if (used >= chunk.length) return done();
      const next = (): void => {
        this.#frame = this.#open();
        this.#feed(chunk.subarray(used), done);
      };
      if (frame.readableEnded) next();
      else frame.once('end', next);
    });
  }

  #open(): zlib.ZstdDecompress {
    const frame = zlib.createZstdDecompress(options());
    frame.on('data', (bytes: Uint8Array) => {
      if (!this.push(bytes)) frame.pause();
    });
    frame.on('error', (error) => this.destroy(error));
    return frame;
  }
}

/** @throws RangeError when more than `maxOutputLength` bytes come out */
export function zstdAll(bytes: Uint8Array, maxOutputLength: number): Uint8Array {
  const frames: Uint8Array[] = [];
  for (let at = 0, size = 0; at < bytes.length;) {
    const settings = { ...options(), maxOutputLength: Math.max(1, maxOutputLength - size), info: true };
    const { buffer, engine } = zlib.zstdDecompressSync(bytes.subarray(at), settings) as unknown as Decoded;
    frames.push(buffer);
    size += buffer.length;
    at += engine.bytesWritten;
  }
  return frames.length === 1 ? frames[0]! : Buffer.concat(frames);
}

/** What `info: true` makes of the result; node's types do not know it. */
interface Decoded {
  readonly buffer: Uint8Array;
  readonly engine: { readonly bytesWritten: number };
}
