import { lost } from './socket-classic.js';
import type { SocketData, SocketEnd, SocketHandle, SocketRequest, SocketSink } from './socket-contract.js';

/** What `closed` of a `WebSocketStream` resolves with, and what the platform's error carries. */
interface Closed {
  readonly closeCode?: number | null;
  readonly reason?: string;
}
interface Reader {
  read(): Promise<{ readonly done: boolean; readonly value?: SocketData | ArrayBuffer }>;
  cancel(): Promise<void>;
}
interface Writer {
  write(data: SocketData): Promise<void>;
}
interface Opened {
  readonly protocol: string;
  readonly readable: { getReader(): Reader };
  readonly writable: { getWriter(): Writer };
}

/** The part of the platform's `WebSocketStream` that is used. */
export interface PlatformSocketStream {
  readonly opened: Promise<Opened>;
  readonly closed: Promise<Closed>;
  close(how: Closed): void;
}

/** The class of a {@link PlatformSocketStream}. */
export type PlatformSocketStreamClass = new (
  url: string,
  options: { readonly protocols: readonly string[]; readonly signal: unknown },
) => PlatformSocketStream;

const ignore = (): void => undefined;
const encoder = /* @__PURE__ */ new TextEncoder();
const sizeOf = (data: SocketData): number => (typeof data === 'string' ? encoder.encode(data) : data).byteLength;

/** A socket of the platform's `WebSocketStream`: read only while somebody wants it, so that the sender is held back. */
export class HeldSocket implements SocketHandle {
  readonly #stream: PlatformSocketStream;
  readonly #abort = new AbortController();
  readonly #request: SocketRequest;
  #sink: SocketSink | undefined;
  #reader: Reader | undefined;
  #writer: Writer | undefined;
  #reading = false;
  #paused = false;
  #buffered = 0;
  #end: SocketEnd | undefined;
  #drained = false;

  constructor(WebSocketStream: PlatformSocketStreamClass, request: SocketRequest, sink: SocketSink) {
    this.#request = request;
    this.#sink = sink;
    const { url, protocols } = request;
    this.#stream = new WebSocketStream(url, { protocols, signal: this.#abort.signal });
    this.#stream.opened.then(this.#onOpened, ignore);
    this.#stream.closed.then(this.#onClosed, this.#onClosed);
  }

  get bufferedBytes(): number {
    return this.#buffered;
  }

  send(data: SocketData): void {
    const size = sizeOf(data);
    this.#buffered += size;
    this.#writer?.write(data).then(() => {
      this.#buffered -= size;
    }, ignore);
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    void this.#read();
  }

  close(closeCode: number, reason: string): void {
    this.#sink = undefined;
    // Before it is open, only the signal stops it.
    if (!this.#reader) return this.#abort.abort();
    this.#stream.close({ closeCode, reason });
    this.#reader.cancel().catch(ignore);
  }

  readonly #onOpened = ({ protocol, readable, writable }: Opened): void => {
    this.#reader = readable.getReader();
    this.#writer = writable.getWriter();
    this.#sink?.opened(protocol);
    void this.#read();
  };

  readonly #onClosed = ({ closeCode, reason = '' }: Closed): void => {
    const code = closeCode ?? 1006;
    const error = code === 1006 ? lost(this.#reader !== undefined, this.#request.origin) : undefined;
    this.#end = { code, reason, error };
    // What came before the end is read first.
    if (!this.#reader || this.#drained) this.#finish();
  };

  async #read(): Promise<void> {
    if (this.#reading || !this.#reader) return;
    this.#reading = true;
    try {
      while (this.#sink && !this.#paused) {
        const { done, value } = await this.#reader.read();
        if (done || value === undefined) this.#drained = true;
        else this.#sink?.message(value instanceof ArrayBuffer ? new Uint8Array(value) : value);
        if (this.#drained) break;
      }
    } catch {
      // What went wrong is told by `closed`.
      this.#drained = true;
    }
    this.#reading = false;
    if (this.#drained && this.#end) this.#finish();
  }

  #finish(): void {
    const sink = this.#sink;
    this.#sink = undefined;
    sink?.ended(this.#end!);
  }
}
