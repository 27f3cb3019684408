import { isNative, isStream, type WebBody } from './body-kinds.js';
import type { ByteStream, FormDataLike, TransportBody } from './contract.js';

/** What of the platform is needed, where it has it. */
interface Platform {
  readonly FormData?: new () => FormDataLike;
  readonly ReadableStream: new (source: object, strategy: object) => object;
}
const platform = globalThis as unknown as Platform;

interface Controller {
  enqueue(bytes: Uint8Array): void;
  close(): void;
  error(reason: unknown): void;
}
interface Reader {
  read(): Promise<{ readonly done?: boolean | undefined; readonly value?: Uint8Array | undefined }>;
  cancel(): Promise<unknown>;
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
function webStream(stream: ByteStream, failed: (error: unknown) => void): WebBody {
  const reader = readerOf(stream);
  let controller: Controller | undefined;
  const cancel = () => void reader.cancel().catch(() => {});
  const body = new platform.ReadableStream(
    {
      start(one: Controller) {
        controller = one;
      },
      async pull(): Promise<void> {
        try {
          const { done, value } = await reader.read();
          if (done) controller!.close();
          else controller!.enqueue(value!);
        } catch (error) {
          failed(error);
        }
      },
      cancel,
    },
    { highWaterMark: 0 },
  );
  return {
    body,
    stop(reason) {
      // Chromium ends a request well when its body is cancelled before it has erred: the server would take half of it.
      controller!.error(reason);
      cancel();
    },
  };
}

/**
 * A body in a form that the platform's `fetch` and XMLHttpRequest take for what it is: they would send the text
 * `[object FormData]` for one made by a library or by jsdom.
 *
 * @param failed - hears the error of a stream
 */
export async function webBody(body: TransportBody, failed: (error: unknown) => void): Promise<WebBody> {
  if (isNative(body)) return { body };
  if (isStream(body)) return webStream(body, failed);
  if ('arrayBuffer' in body) return { body: await body.arrayBuffer() };
  const form = new platform.FormData!();
  for (const [name, value] of body) form.append(name, value);
  return { body: form };
}
