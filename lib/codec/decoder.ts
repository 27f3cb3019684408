import type { StandardSchemaV1 } from '@standard-schema/spec';

import type { ApiError } from '../core/errors.js';
import type { Head, Limits } from '../core/wire.js';

/** What becomes of a record that cannot be read or that the schema refuses. */
export type OnInvalid = 'fail' | 'skip' | 'collect';

/** What a run of a decoder is told. */
export interface DecoderContext {
  readonly head?: Head;
  readonly limits: Limits;
  /** Receives a record that cannot be read and lets the run go on; without it, the run throws. */
  invalid?(error: ApiError): void;
}

/** One body being decoded. */
export interface DecoderRun<T> {
  /**
   * Takes the next piece. Keeps the bytes without copying them where it can.
   *
   * @throws LimitError when a bound is passed
   */
  push(bytes: Uint8Array): void;
  /** The body is complete: a value that was cut off shows in the next `read`. */
  end(): void;
  /**
   * Emits what is ready until `emit` returns false, and keeps the rest for the next call. `emit` must not call it.
   *
   * @throws DecodeError when a value cannot be read; LimitError when a record is too long
   */
  read(emit: (value: T) => boolean): void;
}

/** Bytes in, values out: pure, and used by HTTP, files, sockets and workers alike. */
export interface Decoder<T> {
  /** The media types it reads, for the `accept` field. */
  readonly accept: string;
  /** Whether a body holds many values, delivered as they arrive. */
  readonly many: boolean;
  /** Checks each value after decoding. */
  readonly schema?: StandardSchemaV1<unknown, T>;
  /** For `many`: what becomes of a bad record. @defaultValue 'collect' */
  readonly onInvalid?: OnInvalid;
  create(context: DecoderContext): DecoderRun<T>;
}
