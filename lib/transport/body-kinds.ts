import type { BlobLike, ByteStream, FormDataLike, TransportBody } from './contract.js';

/** A body in the platform's form. */
export interface WebBody {
  readonly body: unknown;
  /** Breaks a stream off and lets go of what it came from. To be called before the request is aborted. */
  stop?(reason: unknown): void;
}

/** What of the platform is needed, where it has it. */
interface Platform {
  readonly FormData?: new () => FormDataLike;
  readonly Blob?: new () => BlobLike;
}
const platform = globalThis as unknown as Platform;

const isA = (value: unknown, type: (new () => object) | undefined): boolean => !!type && value instanceof type;

/** Whether the platform takes a body for what it is. */
export function isNative(body: TransportBody): body is string | Uint8Array {
  const isText = typeof body === 'string';
  return isText || ArrayBuffer.isView(body) || isA(body, platform.FormData) || isA(body, platform.Blob);
}

/** Whether a body is a stream: web streams of some platforms cannot be iterated, but all have a reader. */
export function isStream(body: TransportBody | undefined): body is ByteStream {
  return typeof body === 'object' && (Symbol.asyncIterator in body || 'getReader' in body);
}
