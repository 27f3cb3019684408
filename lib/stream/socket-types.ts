import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Observable, ObservableInput } from 'rxjs';

import type { OnInvalid } from '../codec/decoder.js';
import type { Clock } from '../core/clock.js';
import type { Overflow } from '../core/overflow.js';
import type { Random } from '../core/random.js';
import type { Api } from '../http/api.js';
import type { HeadersInput, UrlLike } from '../http/types.js';
import type { CloseMeaning } from './close-error.js';
import type { ReconnectOptions } from './reconnect-options.js';
import type { SocketData } from './socket-contract.js';
import type { ConnectionEvent } from './stream-events.js';
import type { StreamFlow } from './stream-flow.js';

/** What an attempt to connect is told. */
export interface SocketAttempt {
  /** Which one of the channel's present life, from 1. */
  readonly attempt: number;
  /** The server said that the credentials of the last attempt will not do: get new ones. */
  readonly renew: boolean;
}

/** Where a socket connects to: asked anew for each attempt where it is a function. */
export type SocketUrl =
  | string
  | UrlLike
  | ((attempt: SocketAttempt) => string | UrlLike | PromiseLike<string | UrlLike>);

/** Values to messages and back. */
export interface SocketCodec<In, Out> {
  /** Throws where the message cannot be read. */
  decode(data: SocketData): In;
  encode(message: Out): SocketData;
}

/** A connection that is open and carries nothing else yet. */
export interface SocketHandshake<In, Out> extends SocketAttempt {
  /** Sends at once, before everything that waits. */
  send(message: Out): void;
  /** What the server sends; those who subscribe to the channel get it too. */
  readonly messages: Observable<In>;
  /** The sub-protocol that the server chose; empty when it chose none. */
  readonly protocol: string;
}

/** How a silent connection is found out. */
export interface HeartbeatOptions<In, Out> {
  /** A connection that was silent for so long is asked. Unit: milliseconds. @defaultValue 30 000 */
  readonly everyMs?: number;
  /** It is lost when nothing comes within this time. Unit: milliseconds. @defaultValue 10 000 */
  readonly pongMs?: number;
  /** What is sent to ask. @defaultValue the protocol's own ping, where the platform has it: on Node with `ws` */
  readonly ping?: Out | (() => Out);
  /** Whether a message is but an answer, and is kept from subscribers. */
  readonly isPong?: (message: In) => boolean;
}

/** What waits to be sent. */
export interface OutboundOptions {
  /** Messages that may wait. @defaultValue 1024 */
  readonly capacity?: number;
  /** What happens when one more comes. @defaultValue 'error' */
  readonly overflow?: Overflow;
  /** Bytes that the platform may hold; beyond that, messages wait here. @defaultValue 1 MiB */
  readonly highWaterBytes?: number;
}

/** Settings of a {@link SocketChannel}. */
export interface WebSocketOptions<In, Out> {
  /** Sub-protocols, the preferred one first. */
  readonly protocols?: readonly string[];
  /** Header fields of the handshake, asked anew for each attempt where it is a function. On Node with `ws` only. */
  readonly headers?: HeadersInput | ((attempt: SocketAttempt) => HeadersInput | PromiseLike<HeadersInput>);
  /** @defaultValue 'json' */
  readonly codec?: 'json' | 'text' | 'bytes' | SocketCodec<In, Out>;
  /** Checks each message after decoding. */
  readonly schema?: StandardSchemaV1<unknown, In>;
  /**
   * What becomes of a message that cannot be read or that the schema refuses: `collect` tells of it in `events()`.
   *
   * @defaultValue 'collect'
   */
  readonly onInvalid?: OnInvalid;
  /** Runs first on each connection, to say who asks; the connection is open when it completes. */
  readonly handshake?: (link: SocketHandshake<In, Out>) => ObservableInput<unknown>;
  /** The name or id of the topic that a message belongs to. */
  readonly topicOf?: (message: In) => string | undefined;
  /** The id of the request that a message answers. */
  readonly replyTo?: (message: In) => string | undefined;
  /**
   * How the stream ends: never, when the server closes with 1000, or with a message of which `terminator` is true,
   * which is the last one emitted.
   *
   * @defaultValue 'reconnect'
   */
  readonly end?: 'reconnect' | 'complete' | { readonly terminator: (message: In) => boolean };
  /** What close codes mean, where it is not what the table says. */
  readonly closeCodes?: Readonly<Record<number, CloseMeaning>>;
  /** How it connects again; `false` for never. */
  readonly reconnect?: ReconnectOptions | false;
  /** @defaultValue pings every 30 s where the platform has them */
  readonly heartbeat?: HeartbeatOptions<In, Out> | false;
  /** Time to connect, the handshake included. Unit: milliseconds. @defaultValue 10 000 */
  readonly connectMs?: number;
  /** A connection that was silent for so long is lost. Unit: milliseconds. @defaultValue Infinity */
  readonly idleMs?: number;
  /** How long the connection stays when nobody is left. Unit: milliseconds. @defaultValue 0 */
  readonly lingerMs?: number;
  /** Messages that may wait for a slow subscriber. @defaultValue 1024 */
  readonly capacity?: number;
  /**
   * What happens when more come. `error` holds the server back where the platform can (Node with `ws`, and
   * `WebSocketStream`), and fails the slow subscriber where it cannot; the others lose messages on every platform.
   *
   * @defaultValue 'error'
   */
  readonly overflow?: Overflow;
  readonly outbound?: OutboundOptions;
  /** Bytes of one message of the server. @defaultValue 1 MiB */
  readonly messageBytes?: number;
  /** A client whose clock, chance and budgets are used. */
  readonly api?: Api;
  /** @defaultValue that of `api`, else the system's */
  readonly clock?: Clock;
  readonly random?: Random;
}

/** What the server is told of a topic; made anew for each connection. */
export interface TopicOptions<Out> {
  /** @param id - new for each connection: `topicOf` may give it in place of the name */
  readonly subscribe: (id: string) => Out;
  readonly unsubscribe?: (id: string) => Out;
}

/** Settings of one request. */
export interface RequestOptions {
  /** How long an answer may take, the wait for a connection included. Unit: milliseconds. @defaultValue 10 000 */
  readonly timeoutMs?: number;
  /** Whether it may be sent again after a lost connection. @defaultValue false */
  readonly idempotent?: boolean;
}

/** How a channel's connection is doing; `closed` while it has no subscriber. */
export type SocketState = ConnectionEvent | { readonly type: 'closed'; readonly sinceMs: number };

/** One WebSocket, connected while somebody uses it, and shared by all who do. */
export interface SocketChannel<In, Out> {
  /** All messages. Its `events()` has the connection's states, gaps and bad messages among them. */
  readonly messages: StreamFlow<In>;
  /** The connection's state: now, then each change. Connects nothing, and never completes. */
  readonly state: Observable<SocketState>;
  /** Messages that wait to be sent, and bytes that the platform has not sent yet. */
  readonly pending: { readonly messages: number; readonly bufferedBytes: number };
  /** Sends when it is subscribed to: completes when the message was handed to the socket. */
  send(message: Out): Observable<never>;
  /** The messages of one topic: the server is told when the first subscriber comes and when the last one leaves. */
  topic<T extends In = In>(name: string, options: TopicOptions<Out>): StreamFlow<T>;
  /** Sends, and gives the one message that answers it. */
  request<T extends In = In>(make: (id: string) => Out, options?: RequestOptions): Observable<T>;
}
