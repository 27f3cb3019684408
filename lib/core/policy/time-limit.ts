import type { TimeoutError } from '../errors.js';

/** Under this symbol a subscriber tells which time limit is around it. */
export const WITHIN: unique symbol = Symbol.for('millrace.within/1');

/**
 * A total time limit, as those inside it see it: whoever starts attempts asks it whether another one is worth it.
 *
 * Subscribers carry it upwards, each handing on what the one below says. So it reaches all that are joined by
 * `.via()`, or stand next to each other in a `.pipe()`; a stock operator in between ends it. No variable of the module
 * says which limit is "now": a source shared by two callers would get the limit of whoever came first.
 */
export interface TimeLimit {
  /** No attempt may start at this moment or later. Unit: milliseconds since 1970. */
  readonly lastStartMs: number;
  /** An attempt failed and another one follows: its error is the cause, if time runs out. */
  note(error: unknown): void;
  /** The error of an attempt that is not started, since it could not finish. */
  overdue(): TimeoutError;
}

/** A subscriber that may have a time limit around it. */
interface Within {
  readonly [WITHIN]?: TimeLimit | undefined;
}

/** The time limit around a subscriber; `undefined` when none is known of. */
export function limitAround(subscriber: object | undefined): TimeLimit | undefined {
  return (subscriber as Within | undefined)?.[WITHIN];
}
