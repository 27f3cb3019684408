/** Marks an event that tells how a call is going, and is not its outcome. */
export const PROGRESS: unique symbol = Symbol.for('millrace.progress/1');

/**
 * Whether a value is a progress event (`sent`, `upload`, `head`, `download`, `retry`).
 *
 * Operators that act on a first value let these through without committing, winning or resetting.
 */
export function isProgress(value: unknown): boolean {
  // Read, not `in`: among objects of many shapes that costs ten times as much.
  return typeof value === 'object' && value !== null && (value as { [PROGRESS]?: unknown })[PROGRESS] === true;
}
