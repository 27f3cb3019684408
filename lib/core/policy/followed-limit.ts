import { type Concurrency, type LimitListener, type LimitSource, LiveLimit } from './limit-source.js';

/** A limit on concurrency, followed only while somebody needs it, so that a bulkhead at rest holds on to nothing. */
export class FollowedLimit implements LimitListener {
  /** The limit that adapts, where it is one. */
  readonly source: LimitSource | undefined;
  /** What the Observable failed with, as long as it is needed. */
  failure: { readonly error: unknown } | undefined;
  readonly #live: LiveLimit;
  readonly #changed: () => void;
  #following = false;
  /** What is said within `subscribe` is used by whoever subscribes. */
  #connecting = false;

  /**
   * @param changed - called when it changed or failed
   * @throws ConfigError when it is no limit
   */
  constructor(given: Concurrency, field: string, changed: () => void) {
    this.#live = new LiveLimit(given, field);
    this.source = this.#live.source;
    this.#changed = changed;
  }

  get now(): number {
    return this.source ? this.source.limit : this.#live.now;
  }

  /** An Observable is needed by all, a limit that adapts by those that wait: the others can read it. */
  follow(busy: boolean, waiting: boolean): void {
    const needed = this.source ? waiting : busy;
    if (needed === this.#following) return;
    if (!needed) return this.close();
    this.#following = this.#connecting = true;
    this.#live.follow(this);
    this.#connecting = false;
  }

  close(): void {
    this.#following = false;
    this.failure = undefined;
    this.#live.close();
  }

  limitChanged(): void {
    if (!this.#connecting) this.#changed();
  }

  limitFailed(error: unknown): void {
    this.failure = { error };
    if (!this.#connecting) this.#changed();
  }
}
