import type { Observable } from 'rxjs';

import type { PROGRESS } from '../core/progress.js';
import type { HeadersView } from '../core/wire.js';

/** How a server tells how its work is going; {@link longRunning} says which is which. */
export type OperationMode = 'status' | 'location' | 'same-url' | 'body' | 'done';

/** The answer to the call, or to a poll. */
export interface OperationAnswer {
  readonly status: number;
  readonly headers: HeadersView;
  /** Where it came from, after redirects. */
  readonly url: string;
  /** The body where it is JSON; `undefined` where it is empty or something else. */
  readonly body: unknown;
}

/** What an answer says of the work. URLs may be relative to that of the answer. */
export type OperationVerdict =
  | {
      readonly state: 'running';
      /** Where to ask next. @defaultValue where it was asked last; first, the URL of the call */
      readonly monitor?: string;
    }
  | {
      readonly state: 'succeeded';
      /** The result itself, a JSON value. */
      readonly result?: unknown;
      /** Where the result lies. @defaultValue the answer's own body is the result */
      readonly resultUrl?: string;
    }
  | {
      readonly state: 'failed' | 'canceled';
      /** What went wrong. */
      readonly detail?: unknown;
    };

/** Reads answers where no {@link OperationMode} fits. `poll` counts polls; the answer to the call itself is 0. */
export type OperationReader = (answer: OperationAnswer, poll: number) => OperationVerdict;

/** Words that end an operation, compared whole and in any case. */
export interface OperationWords {
  /** @defaultValue succeeded, completed */
  readonly succeeded?: readonly string[];
  /** @defaultValue failed, error */
  readonly failed?: readonly string[];
  /** @defaultValue canceled, cancelled */
  readonly canceled?: readonly string[];
}

/** Where an operation stands, to go on `from` there in another process: it survives JSON. Its URLs may hold secrets. */
export interface OperationState {
  readonly version: 1;
  readonly mode: OperationMode | 'custom';
  /** The URL that answered the call. */
  readonly url: string;
  /** Where to ask next. */
  readonly monitor: string;
  /** The last `Location` that was seen. */
  readonly location?: string;
  /** Where the result lies, once the work is done. */
  readonly resultUrl?: string;
  readonly polls: number;
  /** When the server took the work on, and when it may be asked again. Unit: milliseconds since 1970. */
  readonly startedMs: number;
  readonly askAtMs: number;
}

/** An operation that the server works on. */
export interface Operation {
  /** Where it stands now. */
  serialize(): OperationState;
  /**
   * Asks the server to stop, as the option `cancel` says. Cold: subscribe to it. What comes of the operation shows in the
   * stream of the operation, which asks at once when this completes.
   */
  cancel(): Observable<unknown>;
}

interface Told {
  /** `isProgress` is true of it. */
  readonly [PROGRESS]: true;
  /** Polls made so far. */
  readonly attempt: number;
  /** When this was so. Unit: milliseconds since 1970, on the client's clock. */
  readonly sinceMs: number;
  readonly operation: Operation;
}

/** How an operation is going. */
export type OperationEvent = Told &
  (
    | {
        /** `started`: the server has taken the work on. `running`, `succeeded`: what a poll says. */
        readonly type: 'started' | 'running' | 'succeeded';
        /** The server's own word for it, where it has one. */
        readonly state: string | undefined;
        /** What the server said, where it was JSON: often with a percentage. */
        readonly body: unknown;
      }
    | {
        /** The next poll follows after `delayMs`. */
        readonly type: 'waiting';
        readonly delayMs: number;
        /** What the last poll failed with; `undefined` where it did not. */
        readonly cause: unknown;
      }
    | {
        /** `push` has failed; polls go on. */
        readonly type: 'lost';
        readonly cause: unknown;
      }
  );
