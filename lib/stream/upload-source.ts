import { ConfigError } from '../core/errors.js';
import type { BlobLike, ByteStream } from '../transport/contract.js';
import { type ByteSource, type Piece, StreamSource } from './upload-stream.js';

/** A Blob or File of any realm. */
export interface UploadBlob extends BlobLike {
  readonly name?: string;
  readonly lastModified?: number;
  slice(from: number, to: number): UploadBlob;
}

/** An open file, such as Node's `FileHandle`. */
export interface UploadHandle {
  stat(): Promise<{ readonly size: number }>;
  read(into: Uint8Array, at: number, length: number, position: number): Promise<{ readonly bytesRead: number }>;
}

/**
 * What can be uploaded. A function is asked for a stream of the bytes from an offset on, as often as the upload has to
 * go back. An async iterable can be read only once: then no more than the chunk under way is kept for a second try.
 */
export type UploadSource =
  | Uint8Array
  | ArrayBuffer
  | UploadBlob
  | UploadHandle
  | ((offset: number) => ByteStream | PromiseLike<ByteStream>)
  | ByteStream;

const nothing = (): void => undefined;

function sliced(total: number, slice: (from: number, to: number) => Uint8Array | BlobLike): ByteSource {
  return {
    canSeek: true,
    size: async () => total,
    read: async (at, most) => {
      const to = Math.min(total, at + most);
      return { body: slice(at, to), bytes: to - at, isLast: to === total };
    },
    pause: nothing,
    close: nothing,
  };
}

function fromHandle(handle: UploadHandle): ByteSource {
  const size = async (): Promise<number> => (await handle.stat()).size;
  const read = async (at: number, most: number): Promise<Piece> => {
    const total = await size();
    const body = new Uint8Array(Math.max(0, Math.min(most, total - at)));
    for (let held = 0; held < body.length;) {
      const { bytesRead } = await handle.read(body, held, body.length - held, at + held);
      if (bytesRead === 0) throw new ConfigError('upload.source', 'the file became shorter while it was uploaded');
      held += bytesRead;
    }
    return { body, bytes: body.length, isLast: at + body.length === total };
  };
  return { canSeek: true, size, read, pause: nothing, close: nothing };
}

/** Part of a source: the bytes from `from` up to `to`. */
export function partOf(source: ByteSource, from: number, to: number): ByteSource {
  return {
    canSeek: source.canSeek,
    size: async () => to - from,
    read: async (at, most) => {
      const piece = await source.read(from + at, Math.min(most, to - from - at));
      return { ...piece, isLast: from + at + piece.bytes === to };
    },
    pause: () => source.pause(),
    close: () => source.close(),
  };
}

const has = (value: object, ...methods: string[]): boolean =>
  methods.every((name) => typeof (value as Record<string, unknown>)[name] === 'function');

export function isBlob(source: UploadSource): source is UploadBlob {
  return typeof source === 'object' && has(source, 'slice', 'arrayBuffer');
}

/**
 * Opens a source.
 *
 * @param size - bytes of a stream, where the caller knows it
 * @throws ConfigError when it is none
 */
export function openSource(source: UploadSource, size: number | undefined): ByteSource {
  if (ArrayBuffer.isView(source)) {
    const bytes = new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
    return sliced(bytes.length, (from, to) => bytes.subarray(from, to));
  }
  if (typeof source === 'function') return new StreamSource(source, true, size);
  if (typeof source === 'object' && source !== null) {
    if (Object.prototype.toString.call(source) === '[object ArrayBuffer]') {
      return openSource(new Uint8Array(source as ArrayBuffer), size);
    }
    if (isBlob(source)) return sliced(source.size, (from, to) => source.slice(from, to));
    if (has(source, 'stat', 'read')) return fromHandle(source as UploadHandle);
    if (Symbol.asyncIterator in source || 'getReader' in source) {
      return new StreamSource(() => source as ByteStream, false, size);
    }
  }
  throw new ConfigError(
    'upload.source',
    'must be bytes, a Blob, an open file, an async iterable or a function (offset) => stream',
  );
}
