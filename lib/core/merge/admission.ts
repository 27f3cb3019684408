import type { Clock } from '../clock.js';
import { isWatched, tell } from '../policy/policy-events.js';
import type { Project } from '../project.js';
import { WaitingKeys, type Queued } from './waiting-keys.js';
import type { CountedPlaces } from './counted-places.js';
import type { SharedCalls } from './shared-calls.js';
import type { Waiter } from './waiter.js';

/** Lets values join the call for their key, or start it where there is a place; others queue, key by key. */
export class Admission<T, R> {
  readonly #project: Project<T, R>;
  readonly #calls: SharedCalls<R>;
  readonly #places: CountedPlaces;
  readonly #clock: Clock;
  readonly #queue = new WaitingKeys<T, R>();
  #admitting = false;

  constructor(project: Project<T, R>, calls: SharedCalls<R>, places: CountedPlaces, clock: Clock) {
    this.#project = project;
    this.#calls = calls;
    this.#places = places;
    this.#clock = clock;
  }

  enter(key: unknown, value: T, waiter: Waiter<R>): void {
    if (this.#queue.join(key, waiter)) return;
    const entry = { key, value, waiters: [waiter] };
    if (this.#mayEnter(key)) this.#join(entry);
    else this.#queue.push(entry);
  }

  /** Gives places that are free to the keys that have waited longest. */
  admit(): void {
    // Not from within itself, where calls answer at once: a long queue would take as deep a stack.
    if (this.#admitting) return;
    this.#admitting = true;
    for (let entry = this.#queue.first; entry && this.#mayEnter(entry.key); entry = this.#queue.first) {
      this.#queue.shift();
      this.#join(entry);
    }
    this.#admitting = false;
  }

  clear(): void {
    this.#queue.clear();
  }

  #mayEnter(key: unknown): boolean {
    return this.#places.isFree || this.#calls.waitingFor(key) > 0;
  }

  #join({ key, value, waiters }: Queued<T, R>): void {
    const others = this.#calls.waitingFor(key);
    if (others === 0) {
      const [first] = waiters as [Waiter<R>];
      first.leads = true;
      this.#places.take(first);
    }
    this.#calls.join(key, waiters, this.#project, value);
    // Told last: whoever listens may leave.
    const joined = others + waiters.length;
    if (joined === 1 || !isWatched()) return;
    const { name } = this.#calls;
    tell({ type: 'joined', policy: 'coalesceMap', name, atMs: this.#clock.now(), waiters: joined });
  }
}
