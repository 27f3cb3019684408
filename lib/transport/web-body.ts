import type { BlobLike, ByteStream, FormDataLike, TransportBody } from './contract.js';

/** What of the platform is needed, where it has it. */
interface Platform {
  readonly FormData?: new () => FormDataLike;
  readonly Blob?: new () => BlobLike;
  readonly ReadableStream: new (source: object, strategy: object) => object;
}
const platform = globalThis as unknown as Platform;

const isA = (value: unknown, type: (new () => object) | undefined): boolean => !!type && value instanceof type;

/** Whether a body is a stream: web streams of some platforms cannot be iterated, but all have a reader. */
export function isStream(body: TransportBody | undefined): body is ByteStream {
  return typeof body === 'object' && (Symbol.asyncIterator in body || 'getReader' in body);
}

interface Controller {
  enqueue(bytes: Uint8Array): void;
  close(): void;
}
interface Reader {
  read(): Promise<{ readonly done?: boolean | undefined; readonly value?: Uint8Array | undefined }>;
  cancel(): Promise<unknown>;
}
/** What of AbortSignal is used. */
export interface Aborting {
  addEventListener(type: 'abort', heard: () => void): void;
}

/** How a stream of any kind is read, and let go even while a read is pending. */
function readerOf(stream: ByteStream): Reader {
  if ('getReader' in stream) return (stream as { getReader(): Reader }).getReader();
  const iterator = stream[Symbol.asyncIterator]();
  const { destroy } = stream as { destroy?(): void };
  return {
    read: () => iterator.next(),
    // Node's streams are let go by destroy: their iterator would wait for the read.
    cancel: async () => (destroy ? destroy.call(stream) : iterator.return?.()),
  };
}

/**
 * A web stream that asks `stream` for a piece when one is wanted. It is wrapped even where it is a web stream already:
 * platforms differ in what becomes of a body that fails or whose request is aborted.
 */
function webStream(stream: ByteStream, signal: Aborting, failed: (error: unknown) => void): object {
  const reader = readerOf(stream);
  const cancel = () => void reader.cancel().catch(() => {});
  signal.addEventListener('abort', cancel);
  const pull = async (controller: Controller): Promise<void> => {
    try {
      const { done, value } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value!);
    } catch (error) {
      failed(error);
      // And no more: Chromium and workerd may take a stream that errs for one that ends, and end the request well.
      await new Promise(() => {});
    }
  };
  return new platform.ReadableStream({ pull, cancel }, { highWaterMark: 0 });
}

/**
 * A body in a form that the platform's `fetch` and XMLHttpRequest take for what it is: they would send the text
 * `[object FormData]` for one made by a library or by jsdom.
 *
 * @param signal - when it aborts, a stream is let go
 * @param failed - hears the error of a stream, and has to abort the request
 */
export function webBody(body: TransportBody, signal: Aborting, failed: (error: unknown) => void): unknown {
  if (typeof body === 'string' || ArrayBuffer.isView(body)) return body;
  if (isStream(body)) return webStream(body, signal, failed);
  if (isA(body, platform.FormData) || isA(body, platform.Blob)) return body;
  if ('arrayBuffer' in body) return body.arrayBuffer();
  const form = new platform.FormData!();
  for (const [name, value] of body) form.append(name, value);
  return form;
}
