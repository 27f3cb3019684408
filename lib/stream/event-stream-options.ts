import type { SseDecoder, SseEvent } from '../codec/sse-types.js';
import type { CallOptions, HeadersInput, QueryInput } from '../http/types.js';
import type { ReconnectOptions } from './reconnect-options.js';

/** What is known when a connection is made. */
export interface EventConnection {
  /** Which connection of this subscription, counted from 1. */
  readonly attempt: number;
  /** Where the last one ended; `''` where the server has named no id. */
  readonly lastEventId: string;
}

/** A value, or a function that gives it anew for each connection. */
export type PerConnection<V> = V | ((connection: EventConnection) => V | PromiseLike<V>);

/**
 * How a stream of events comes to its end.
 *
 * - `reconnect`: only by a 204; whatever else ends a connection is followed by another one, as the HTML Standard says.
 * - `complete`: with the body, in good order and not within an event.
 * - `{ terminator }`: with an event that says so: the one with this data, which is left out, or the one for which a
 *   function returns true, which is the last one emitted.
 *
 * With the last two, a body that ends earlier was cut off, which is an error.
 */
export type StreamEnd<T> = 'reconnect' | 'complete' | { readonly terminator: string | ((event: T) => boolean) };

/** Settings for {@link eventStream}: those of a call, and these. */
export interface EventStreamOptions<T extends SseEvent<unknown> = SseEvent> extends Omit<
  CallOptions,
  'as' | 'headers' | 'query' | 'retry'
> {
  /** @defaultValue GET, or POST where there is a body */
  readonly method?: string;
  readonly query?: PerConnection<QueryInput>;
  readonly headers?: PerConnection<HeadersInput>;
  /** How events are read. @defaultValue sse() */
  readonly as?: SseDecoder<T>;
  /** How the stream ends. @defaultValue 'reconnect', or 'complete' where it cannot be resumed */
  readonly end?: StreamEnd<T>;
  /**
   * The request may be sent again, and goes on behind the `Last-Event-ID` it carries.
   * @defaultValue true for GET, HEAD, OPTIONS, PUT, DELETE, QUERY and with an `idempotencyKey`
   */
  readonly resumable?: boolean;
  /** Where to begin: the id of the last event that was dealt with. @defaultValue '' */
  readonly lastEventId?: string;
  /** @defaultValue on, see {@link ReconnectOptions} */
  readonly reconnect?: ReconnectOptions | false;
}
