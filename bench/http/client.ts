/** One call to make. */
export interface Work {
  readonly origin: string;
  readonly path: string;
  readonly url: string;
  /** Sent as JSON by POST; without it the call is a GET. */
  readonly body: object | undefined;
  /** The answer is compressed: for clients that do not undo that by themselves. */
  readonly gzip: boolean;
}

export type Done = (error: unknown, value?: unknown) => void;
export type Chunks = AsyncIterable<Uint8Array>;

interface Streaming {
  /** The answer's bytes as they arrive. */
  stream?(url: string): Chunks | Promise<Chunks>;
}

/** A client that gives a promise for each call. */
export interface Promising extends Streaming {
  call(work: Work): Promise<unknown>;
}

/** A client that calls back. */
export interface Calling extends Streaming {
  start(work: Work, done: Done): void;
}

export type Client = Promising | Calling;

export interface Settings {
  readonly origin: string;
  /** Connections at most, for clients that are told how many. */
  readonly connections: number;
  /** Whether calls may last for minutes: time limits stay on, but long. */
  readonly patient: boolean;
}

/** What an adapter exports under the name `open`. */
export type Open = (settings: Settings) => Client | Promise<Client>;
