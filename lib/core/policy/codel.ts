/** A wait up to this is no standing queue. */
const TARGET_MS = 5;
/** How long waits must be above the target before anybody has to go. */
const INTERVAL_MS = 100;

/**
 * Decides who must go so that a queue does not stand: one, when waits have been too long for an interval, then more
 * often until they are not.
 *
 * @see RFC 8289, section 5: Controlled Delay
 */
export class Codel {
  #aboveSinceMs = Infinity;
  #nextMs = 0;
  #dropped = 0;

  /** Asked each time one is taken from the queue: whether one that has waited so long goes unserved. */
  drops(waitedMs: number, now: number): boolean {
    if (waitedMs < TARGET_MS) {
      this.#aboveSinceMs = Infinity;
      this.#dropped = 0;
      return false;
    }
    this.#aboveSinceMs = Math.min(this.#aboveSinceMs, now);
    const dueMs = this.#dropped > 0 ? this.#nextMs : this.#aboveSinceMs + INTERVAL_MS;
    if (now < dueMs) return false;
    this.#nextMs = (this.#dropped > 0 ? this.#nextMs : now) + INTERVAL_MS / Math.sqrt(++this.#dropped);
    return true;
  }
}
