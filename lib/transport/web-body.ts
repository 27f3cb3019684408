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
export function isStream(body: TransportBody): body is ByteStream {
  return typeof body === 'object' && (Symbol.asyncIterator in body || 'getReader' in body);
}

/** A web stream that asks `stream` for a piece when one is wanted, and tells `failed` of its error. */
function webStream(stream: ByteStream, failed: (error: unknown) => void): object {
  const iterator = stream[Symbol.asyncIterator]();
  interface Controller {
    enqueue(bytes: Uint8Array): void;
    close(): void;
  }
  return new platform.ReadableStream(
    {
      async pull(controller: Controller): Promise<void> {
        try {
          const { done, value } = await iterator.next();
          if (done) controller.close();
          else controller.enqueue(value);
        } catch (error) {
          failed(error);
          throw error;
        }
      },
      cancel: () => iterator.return?.(),
    },
    { highWaterMark: 0 },
  );
}

/**
 * A body in a form that the platform's `fetch` and XMLHttpRequest take for what it is: they would send the text
 * `[object FormData]` for one made by a library or by jsdom.
 *
 * @param failed - hears the error of a stream
 */
export function webBody(body: TransportBody, failed: (error: unknown) => void): unknown {
  if (typeof body === 'string' || body instanceof Uint8Array || 'getReader' in body) return body;
  if (isStream(body)) return webStream(body, failed);
  if (isA(body, platform.FormData) || isA(body, platform.Blob)) return body;
  if ('arrayBuffer' in body) return body.arrayBuffer();
  const form = new platform.FormData!();
  for (const [name, value] of body) form.append(name, value);
  return form;
}
