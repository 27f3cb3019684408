import { PROGRESS } from '../core/progress.js';

/** What every event of a connection tells. */
interface Told<C> {
  /** `isProgress` is true of it. */
  readonly [PROGRESS]: true;
  /** Which connection of this subscription, counted from 1. */
  readonly attempt: number;
  /** When this state began. Unit: milliseconds since 1970, on the source's clock. */
  readonly sinceMs: number;
  /** Where the stream goes on, such as the last event id; `undefined` while the server has named no such place. */
  readonly cursor: C | undefined;
}

/** What may happen to a connection. */
export type Happening =
  | {
      /** `connecting`: an attempt begins. `open`: the server accepted it, and values may come. */
      readonly type: 'connecting' | 'open';
    }
  | {
      /** `lost`: an open connection has ended. `gap`: values may be missing here, since the server cannot resume. */
      readonly type: 'lost' | 'gap';
      /** What ended the connection; `undefined` where the server ended it in good order. */
      readonly cause: unknown;
    }
  | {
      /** Another attempt follows after `delayMs`. */
      readonly type: 'waiting';
      readonly delayMs: number;
      readonly cause: unknown;
    }
  | {
      /** A message could not be read and is left out. */
      readonly type: 'invalid';
      readonly error: unknown;
    };

/** How the connection of a long-lived source is doing. */
export type ConnectionEvent<C = string> = Told<C> & Happening;

/**
 * What happens on a long-lived source: its values, and how its connection is doing among them.
 *
 * All but `value` are progress. The states of a connection come in this order: `connecting`, `open`, `lost`, `waiting`,
 * and `connecting` again; one that fails before it is open leaves out `open` and `lost`. `gap` comes right after the
 * `open` of the connection behind it.
 */
export type StreamEvent<T, C = string> = ConnectionEvent<C> | { readonly type: 'value'; readonly value: T };

/** Makes an event of what happened. To be called only where somebody looks. */
export function connectionEvent<C>(
  happening: Happening,
  attempt: number,
  sinceMs: number,
  cursor: C | undefined,
): ConnectionEvent<C> {
  return { ...happening, attempt, sinceMs, cursor, [PROGRESS]: true };
}
