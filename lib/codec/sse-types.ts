import type { StandardSchemaV1 } from '@standard-schema/spec';

import type { Decoder, DecoderContext, DecoderRun } from './decoder.js';

/** A server-sent event, its members called as those of the platform's `MessageEvent`. */
export interface SseEvent<D = string, N extends string = string> {
  /** What the server called it; `message` where it did not. */
  readonly type: N;
  readonly data: D;
  /** The id of this event or, where it has none, of the last one that had; `''` where none had. */
  readonly lastEventId: string;
}

/** How the data of an event is read: as text, as JSON, or as JSON that a Standard Schema checks. */
export type SseData = 'text' | 'json' | StandardSchemaV1;

/** What {@link SseData} makes of the data. */
export type SseDataOf<S> = S extends 'text' ? string : S extends StandardSchemaV1<unknown, infer D> ? D : unknown;

/** The union of the events that a record of names lists. */
export type SseEventsOf<M extends Readonly<Record<string, SseData>>> = {
  [N in keyof M & string]: SseEvent<SseDataOf<M[N]>, N>;
}[keyof M & string];

/** What whoever owns the connection may tell and hear, beyond what every run is told. */
export interface SseContext extends DecoderContext {
  /** The last event id of the connection before. @defaultValue '' */
  readonly lastEventId?: string;
  /** Data of the event that ends the stream: it is left out, and nothing behind it is read. */
  readonly terminator?: string | undefined;
  /** The terminator came. */
  terminated?(): void;
  /** The last event id has changed, and the event it came with is not emitted: it has no data or is left out. */
  id?(lastEventId: string): void;
  /** The server asks for this wait before the next connection. Unit: milliseconds. */
  retry?(ms: number): void;
  /** A comment, which servers send to keep a connection alive. */
  comment?(text: string): void;
}

/** One stream of events being read. */
export interface SseRun<T> extends DecoderRun<T> {
  /** Whether an event has begun that its blank line has not ended. */
  readonly isWithin: boolean;
}

/** Made by {@link sse}. */
export interface SseDecoder<T> extends Decoder<T> {
  create(context: SseContext): SseRun<T>;
}
