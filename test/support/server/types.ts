import type { Buffer } from 'node:buffer';
import type { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';

import type { Journal } from './journal.js';
import type { Query } from './query.js';

/** Name and value, in wire order; a name may come twice. */
export type Pair = readonly [name: string, value: string];

/** One address at which the server answers. */
export interface Site {
  readonly origin: string;
  readonly port: number;
  url(path: string): string;
}

/** What arrived of a request's body. `text` holds the first 64 KiB, or all of it where a route asked for the body. */
export interface RecordedBody {
  readonly bytes: number;
  readonly sha256: string;
  readonly text: string;
  readonly complete: boolean;
}

/**
 * One exchange as the server saw it.
 * `finished`: answered in full. `aborted`: the client left first. `broken`: the server broke it, as asked.
 */
export interface Recorded {
  readonly id: string;
  readonly method: string;
  /** The request target as it stood in the request line. */
  readonly url: string;
  readonly path: string;
  /** The origin of this server at which it arrived. */
  readonly at: string;
  readonly httpVersion: string;
  readonly headers: readonly Pair[];
  readonly trailers: readonly Pair[];
  readonly body: RecordedBody;
  /** Number of the connection, from 1: equal numbers show a connection used again. */
  readonly connection: number;
  readonly status: number;
  readonly state: 'open' | 'finished' | 'aborted' | 'broken';
  /** Bytes handed to the socket, and of those the bytes that the system took. */
  readonly wrote: number;
  readonly flushed: number;
  /** write() said false and no drain came yet: how often, for how long in all, and the present one (0: none). */
  readonly holds: number;
  readonly heldMs: number;
  readonly heldNowMs: number;
  /** Since the server started, and from arrival to the end (or to now). Unit: milliseconds. */
  readonly startedMs: number;
  readonly tookMs: number;
}

export interface Stats {
  readonly requests: number;
  readonly preflights: number;
  readonly finished: number;
  readonly aborted: number;
  readonly broken: number;
  readonly busy: number;
  /** Most exchanges in flight at once. */
  readonly peak: number;
  readonly sockets: number;
  readonly connections: number;
  readonly wrote: number;
  /** Requests that node's parser refused. */
  readonly refused: number;
  /** What routes threw: the test server's own faults. */
  readonly faults: readonly string[];
  readonly rssBytes: number;
  readonly pid: number;
}

/** What both kinds of server offer; a server in its own process answers each of these with a promise. */
export interface Answers {
  requests(): Recorded[];
  preflights(): Recorded[];
  stats(): Stats;
  sockets(): number;
  busy(): number;
  /** How often `/flaky`, `/latency` and the like were asked under this key. */
  attempts(key: string): number;
  /** Forgets log, counters and tokens; leaves sockets alone. */
  reset(): void;
  /** Serves `body` at `path` from now on. */
  page(path: string, body: string, type?: string): void;
}

export interface Sites extends Site {
  /** Same host, another port: cross-origin, same-site. */
  readonly other: Site;
  /** Host name `localhost`, a third port: cross-origin and cross-site. */
  readonly third: Site;
  /** TLS with a certificate of the test authority, then three that must be refused. */
  readonly secure: Site;
  readonly wrongHost: Site;
  readonly expired: Site;
  readonly selfSigned: Site;
  /** HTTP/2 over TLS, HTTP/1.1 where the client has no ALPN. */
  readonly h2: Site;
}

export interface Waits {
  /** Resolves when the client aborted the exchange with this id (`?id=`), at once where it already has. */
  closed(id: string, withinMs?: number): Promise<Recorded>;
  /** Resolves with the first exchange for which `predicate` is true, now or later. */
  waitFor(predicate: (exchange: Recorded) => boolean, withinMs?: number): Promise<Recorded>;
  /** Destroys every socket and resolves when the last one is gone. */
  close(): Promise<void>;
}

export interface Server extends Sites, Answers, Waits {}

type Asked<T> = { [K in keyof T]: T[K] extends (...a: infer A) => infer R ? (...a: A) => Promise<R> : never };

export interface RemoteServer extends Sites, Asked<Answers>, Waits {
  readonly pid: number;
}

export interface PageOptions {
  /** Path to text; the type follows from the path's ending. */
  readonly pages?: Readonly<Record<string, string>>;
  /** Path prefix (with both slashes) to a directory to serve there. */
  readonly directories?: Readonly<Record<string, string>>;
}

export interface ServerOptions extends PageOptions {
  /** Path to handler; also matches deeper paths; wins over the routes of the house. */
  readonly routes?: Readonly<Record<string, Route>>;
}

/** The bytes' side of one exchange: HTTP/1.1 and HTTP/2 each have one. */
export interface Wire {
  readonly version: string;
  readonly method: string;
  readonly target: string;
  readonly headers: readonly Pair[];
  readonly incoming: Readable;
  readonly outgoing: Writable;
  /** Present where bytes can be written past node's http, that is in HTTP/1.1. */
  readonly socket?: Socket;
  trailers(): readonly Pair[];
  head(status: number, headers: readonly Pair[], reason?: string): void;
  /** Sends the head without waiting for a body. */
  flush(): void;
  inform(status: number, headers: readonly Pair[]): void;
  end(trailers: readonly Pair[]): void;
  /** RST of the connection, or RST_STREAM with `code`. */
  reset(code?: number): void;
  goaway?(code: number): void;
  onGone(run: () => void): void;
  /** The answer left in full, and nobody cut it off. */
  complete(): boolean;
}

/** What a route works with. A pending call rejects when the exchange is over, which ends the route quietly. */
export interface Exchange {
  readonly wire: Wire;
  readonly query: Query;
  readonly path: string;
  readonly journal: Journal;
  readonly signal: AbortSignal;
  /** How many requests this connection brought, this one included. */
  readonly turn: number;
  header(name: string): string | undefined;
  sleep(ms: number): Promise<void>;
  /** Sends the head at once. */
  head(status: number, headers?: readonly Pair[], reason?: string): void;
  /** Resolves when the next write is welcome. */
  write(bytes: Uint8Array | string): Promise<void>;
  /** Past node's http, straight into the socket. */
  writeRaw(bytes: Uint8Array | string): Promise<void>;
  end(trailers?: readonly Pair[]): void;
  send(status: number, headers: readonly Pair[], body?: Uint8Array | string, reason?: string): void;
  json(value: unknown, status?: number, headers?: readonly Pair[]): void;
  /** The whole request body. */
  body(): Promise<Buffer>;
  /** For routes that read the body themselves: keeps the log's books. */
  received(bytes: Uint8Array): void;
  receivedAll(): void;
  /** The CORS lines a raw head needs so that a page may read it. */
  corsLines(names?: readonly string[]): string;
  recorded(): Recorded;
  /** Counts the exchange as answered although node's http did not answer it. */
  finish(): void;
  breakOff(how: 'reset' | 'fin', code?: number): void;
}

export interface Route {
  (exchange: Exchange): unknown;
  /** The route reads the request body itself, or never, and answers `Expect: 100-continue` itself. */
  readonly leavesBody?: true;
}
