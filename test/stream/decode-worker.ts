import { fromReadable } from '../../lib/core/from-readable.js';
import type { WebReadable } from '../../lib/core/readable-ports.js';
import { sse } from '../../lib/codec/sse.js';
import { decode } from '../../lib/stream/decode.js';

/** What is used of the Blobs that it is sent. */
interface Readable {
  stream(): WebReadable<Uint8Array>;
}

/** What is used of a worker's global scope. */
interface WorkerScope {
  addEventListener(type: 'message', heard: (message: { readonly data: Readable }) => void): void;
  postMessage(message: unknown, transfer: readonly never[]): void;
}
const scope = globalThis as unknown as WorkerScope;

/** Reads the Blob that it is sent, and answers with what is in it. */
scope.addEventListener('message', ({ data: file }) => {
  const data: string[] = [];
  void fromReadable(() => file.stream())
    .via(decode(sse()))
    .forEach((event) => void data.push(event.data))
    .then(() => scope.postMessage(data, []));
});
