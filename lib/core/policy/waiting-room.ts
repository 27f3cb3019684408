import type { Priority } from './bulkhead-settings.js';
import type { Permit } from './permit.js';
import { type KeyQueue, WaitingClass } from './waiting-class.js';

/** Where a permit stands in line, the same for all runs of an operator. */
export interface Place {
  readonly priority: Priority;
  readonly key: unknown;
  readonly cost: number;
}

/** A queue that has not been empty for so long is under pressure. */
const STANDING_MS = 100;
/** A class counts as having waited for its turn so much less than the one above it. */
const AGE_MS = 250;

/**
 * All that wait for a place: four classes, and in each a queue per key.
 *
 * A class is served before those below it, until one of those has waited for its turn for 250 ms per class between
 * them: the lowest has a turn each 750 ms, however many are more urgent.
 */
export class WaitingRoom {
  length = 0;
  readonly #classes: readonly WaitingClass[] = [0, 1, 2, 3].map(() => new WaitingClass());

  /** Where none gives up waiting, nothing is gained by serving the newest first: all wait in order. */
  endure(forMs: number): void {
    for (const one of this.#classes) one.standingMs = forMs === Infinity ? Infinity : STANDING_MS;
  }

  push(permit: Permit, priority: Priority, key: unknown, now: number): void {
    this.length++;
    this.#classes[priority]!.push(permit, key, now);
  }

  /** Takes out one that leaves. */
  remove(permit: Permit, queue: KeyQueue): void {
    this.length--;
    queue.owner.remove(permit, queue);
  }

  /** Takes out one that is served. */
  serve(permit: Permit, queue: KeyQueue, now: number): void {
    this.length--;
    queue.owner.serve(permit, queue, now);
  }

  queueOf(priority: Priority, key: unknown): KeyQueue | undefined {
    return this.#classes[priority]!.of(key);
  }

  /** The queue whose turn it is; there must be one. */
  turn(now: number): KeyQueue {
    let best: WaitingClass | undefined;
    let bestMs = Infinity;
    for (let index = 0; index < this.#classes.length; index++) {
      const one = this.#classes[index]!;
      const turnMs = one.sinceMs + index * AGE_MS;
      if (one.length === 0 || turnMs >= bestMs) continue;
      best = one;
      bestMs = turnMs;
    }
    return best!.turn(now);
  }

  /**
   * The queue that must give up one so that another of this priority and key may wait: the longest of the least urgent
   * class, so that who has many waiting makes room for who has few. `undefined` when the newcomer itself is to go.
   */
  crowded(priority: Priority, key: unknown, now: number): KeyQueue | undefined {
    let index = this.#classes.length - 1;
    while (index > priority && this.#classes[index]!.length === 0) index--;
    const lowest = this.#classes[index]!;
    const { longest } = lowest;
    if (index > priority || !longest) return longest;
    const own = lowest.of(key);
    if (longest.length > (own?.length ?? 0) + 1) return longest;
    return own?.stands(now) ? own : undefined;
  }
}
