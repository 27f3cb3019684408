import { Observable, Subject } from 'rxjs';

/** The state of something shared, to look at and to follow. Costs nothing while nobody follows it. */
export class WatchedState<S extends object> {
  /** The state now, then after each change; never completes. */
  readonly changes: Observable<S>;
  readonly #read: () => S;
  readonly #listeners = new Subject<S>();
  #telling = false;
  #stale = false;

  /** @param read - makes a new object of what the state is now */
  constructor(read: () => S) {
    this.#read = read;
    this.changes = new Observable((subscriber) => {
      // Listens before it tells, so that a change made by the listener itself is not missed.
      this.#listeners.subscribe(subscriber);
      subscriber.next(this.current);
    });
  }

  /** A snapshot: it does not change afterwards. */
  get current(): S {
    return Object.freeze(this.#read());
  }

  /** Tells those who follow; to be called after each change. */
  changed(): void {
    if (!this.#listeners.observed) return;
    this.#stale = true;
    // A listener that changes the state must not let others see the new state before the old one.
    if (this.#telling) return;
    this.#telling = true;
    try {
      while (this.#stale) {
        this.#stale = false;
        this.#listeners.next(this.current);
      }
    } finally {
      this.#telling = false;
    }
  }
}
