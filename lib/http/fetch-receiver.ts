import type { Decoder } from '../codec/decoder.js';
import { isApiError } from '../core/errors.js';
import { Ring } from '../core/ring.js';
import type { Head } from '../core/wire.js';
import type { Plan } from './plan.js';
import { produceCall } from './produce-call.js';
import type { Producer, Receiver } from './receiver.js';

/** Pieces of a body as they come. */
export const CHUNKS: Decoder<unknown> = {
  accept: '*/*',
  many: true,
  create: () => {
    const chunks = new Ring<Uint8Array>();
    return {
      push: (bytes) => chunks.push(bytes),
      end: () => {},
      read: (emit) => {
        while (chunks.length > 0 && emit(chunks.shift())) continue;
      },
    };
  },
};

/** Read ahead of the program, so that small bodies free their connection even when nobody reads them. */
const AHEAD_BYTES = 65_536;
/** Statuses whose answers have no body. */
const BODYLESS = new Set([204, 205, 304]);

/** What `fetch` rejects with: the signal's reason, else a TypeError with our error as its cause. */
export function fetchError(error: unknown): unknown {
  if (!isApiError(error)) return error;
  if (error.kind === 'abort') return (error as unknown as { readonly reason: unknown }).reason;
  return new TypeError(error.message, { cause: error });
}

/** Puts on a Response what its constructor does not take, and on its clones. */
function finished(response: Response, url: string, redirected: boolean): Response {
  const copy = response.clone.bind(response);
  const clone = (): Response => finished(copy(), url, redirected);
  return Object.defineProperties(response, {
    url: { value: url },
    redirected: { value: redirected },
    clone: { value: clone },
  });
}

/** Gives a call the shape of `fetch`: a promise of the head, then a stream of the body. */
export class FetchReceiver implements Receiver {
  readonly events = false;
  readonly uploads = false;
  readonly #plan: Plan;
  readonly #resolve: (response: Response) => void;
  readonly #reject: (reason: unknown) => void;
  #producer: Producer | undefined;
  #body: ReadableStreamDefaultController<Uint8Array> | undefined;
  #headed = false;

  constructor(plan: Plan, resolve: (response: Response) => void, reject: (reason: unknown) => void) {
    this.#plan = plan;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  start(): void {
    this.#producer = produceCall(this.#plan, this);
    this.#producer.start();
  }

  progress(): void {}

  uploaded(): void {}

  head(head: Head, url: string): void {
    const bodyless = BODYLESS.has(head.status) || this.#plan.method === 'HEAD';
    const { status, statusText } = head;
    this.#headed = true;
    try {
      const response = new Response(bodyless ? null : this.#stream(), {
        status,
        statusText,
        headers: [...head.headers] as [string, string][],
      });
      const redirected = head.redirected ?? url !== this.#plan.target.origin + this.#plan.target.path;
      this.#resolve(finished(response, url, redirected));
    } catch (error) {
      // A status or field that the platform's Response refuses.
      this.#producer?.cancel();
      this.#reject(new TypeError(`the answer cannot be a Response: ${String(error)}`, { cause: error }));
    }
  }

  #stream(): ReadableStream<Uint8Array> {
    return new ReadableStream<Uint8Array>(
      {
        // Said, so that it does not come from a polluted prototype.
        type: undefined,
        start: (controller) => {
          this.#body = controller;
        },
        pull: () => this.#producer?.resume(),
        cancel: () => this.#producer?.cancel(),
      },
      { highWaterMark: AHEAD_BYTES, size: (chunk) => chunk.byteLength },
    );
  }

  wanted(): boolean {
    return !this.#body || this.#body.desiredSize! > 0;
  }

  value(value: unknown): void {
    const bytes = value as Uint8Array<ArrayBuffer>;
    if (bytes.length > 0) this.#body?.enqueue(bytes);
  }

  complete(): void {
    this.#body?.close();
    if (!this.#headed) this.#reject(new TypeError('the call completed without an answer'));
  }

  error(error: unknown): void {
    if (this.#headed) this.#body?.error(fetchError(error));
    else this.#reject(fetchError(error));
  }
}
