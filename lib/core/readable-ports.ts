import { NetworkError } from './errors.js';

/** What a Node stream has: `stream.Readable`, sockets, incoming messages, files. */
export interface NodeReadable {
  read(): unknown;
  on(event: 'readable' | 'end' | 'close', listener: () => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  removeListener(event: string, listener: (error: Error) => void): unknown;
  destroy(): unknown;
  readonly destroyed?: boolean;
  readonly readableEnded?: boolean;
  readonly errored?: Error | null;
}

/** What a web stream has: `ReadableStream`, the body of a `Response`. */
export interface WebReadable<T> {
  getReader(): WebReader<T>;
  /** Declared so that TypeScript, which pairs overloads from the last one up, finds the type of the chunks above. */
  getReader(options?: object): object;
}

/** The reader of a {@link WebReadable}. */
export interface WebReader<T> {
  read(): PromiseLike<{ readonly done: boolean; readonly value?: T | undefined }>;
  cancel(): PromiseLike<void>;
}

/** In place of a chunk. */
export const NOTHING: unique symbol = Symbol('nothing');

/** A stream of either kind, as a run sees it. */
export interface Port<T> {
  /** The next chunk, or {@link NOTHING} when there is none yet. */
  take(): T | typeof NOTHING;
  /** A chunk is wanted, and there was none: the port will call `wake`, `finish` or `crash`. */
  ask(): void;
  /** Leaves the stream; it is destroyed unless it has ended. */
  close(): void;
}

/** The run that a port serves. */
export interface PortOwner {
  /** A chunk may be there to take. */
  wake(): void;
  finish(): void;
  crash(error: unknown): void;
}

const ignore = (): void => undefined;

/** Reads by `readable` and `read()`, which is how Node lets one take no more than one wants, whatever the mode. */
export class NodePort<T> implements Port<T> {
  readonly #stream: NodeReadable;
  readonly #run: PortOwner;
  #ended = false;
  // One of each per subscription.
  readonly #onReadable = (): void => this.#run.wake();
  readonly #onEnd = (): void => {
    this.#ended = true;
    this.#run.finish();
  };
  readonly #onError = (error: Error): void => this.#run.crash(error);
  readonly #onClose = (): void =>
    this.#run.crash(new NetworkError('fromReadable: the stream closed before its end', 'receive'));

  constructor(stream: NodeReadable, run: PortOwner) {
    this.#stream = stream;
    this.#run = run;
    stream.on('error', this.#onError);
    stream.on('end', this.#onEnd);
    stream.on('close', this.#onClose);
    stream.on('readable', this.#onReadable);
  }

  take(): T | typeof NOTHING {
    const chunk = this.#stream.read();
    return chunk === null ? NOTHING : (chunk as T);
  }

  /** Only a stream that was over when it came has no event to wait for. */
  ask(): void {
    if (this.#stream.errored) this.#onError(this.#stream.errored);
    else if (this.#stream.readableEnded) this.#onEnd();
    else if (this.#stream.destroyed) this.#onClose();
  }

  close(): void {
    this.#stream.removeListener('readable', this.#onReadable);
    this.#stream.removeListener('close', this.#onClose);
    this.#stream.removeListener('end', this.#onEnd);
    // A stream that is destroyed while it works may still fail, and an error without a listener ends the program.
    this.#stream.on('error', ignore);
    this.#stream.removeListener('error', this.#onError);
    if (!this.#ended) this.#stream.destroy();
  }
}

export class WebPort<T> implements Port<T> {
  readonly #reader: WebReader<T>;
  readonly #run: PortOwner;
  #chunk: T | typeof NOTHING = NOTHING;
  #pending = false;
  #ended = false;

  constructor(reader: WebReader<T>, run: PortOwner) {
    this.#reader = reader;
    this.#run = run;
  }

  take(): T | typeof NOTHING {
    const chunk = this.#chunk;
    this.#chunk = NOTHING;
    return chunk;
  }

  ask(): void {
    if (this.#pending) return;
    this.#pending = true;
    this.#reader.read().then(this.#onRead, this.#onThrow);
  }

  close(): void {
    this.#chunk = NOTHING;
    // It rejects when the stream has failed meanwhile, and nobody is left to tell.
    if (!this.#ended) Promise.resolve(this.#reader.cancel()).catch(ignore);
  }

  readonly #onRead = (step: { readonly done: boolean; readonly value?: T | undefined }): void => {
    this.#pending = false;
    this.#ended = step.done;
    if (step.done) return this.#run.finish();
    this.#chunk = step.value as T;
    this.#run.wake();
  };

  readonly #onThrow = (error: unknown): void => {
    this.#ended = true;
    this.#run.crash(error);
  };
}
