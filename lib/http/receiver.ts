import type { Head } from '../core/wire.js';
import type { ProgressEvent, ResponseInfo } from './answer-types.js';

/** Takes what a {@link Producer} brings. A call and each of its attempts speak this way, with layers or without. */
export interface Receiver {
  /** Whether anyone looks at progress: without it, no event object is made. */
  readonly events: boolean;
  /** Whether the caller asked for the progress of uploads, for which browsers need another transport. */
  readonly uploads: boolean;
  progress(event: ProgressEvent): void;
  /** A piece of the request's body has left. */
  uploaded(): void;
  /** The final answer's head, before its values. */
  head(head: Head, url: string, attempt: number): void;
  value(value: unknown): void;
  /** Whether one more value may come now; when it may again, `Producer.resume` is called. */
  wanted(): boolean;
  /** @param info - set where a layer answered by itself */
  complete(info?: ResponseInfo): void;
  error(error: unknown): void;
}

/** Something that runs, once it is started, until it has told its receiver `complete` or `error`. */
export interface Producer {
  start(): void;
  /** Values are wanted again. */
  resume(): void;
  /** Stops at once; the receiver hears nothing more. */
  cancel(): void;
}
