import { type Observable, Subscriber } from 'rxjs';

import { ConfigError } from '../errors.js';
import { wholeFrom } from '../numbers.js';
import type { Outcome } from './outcome.js';

/** A limit on concurrency that changes while it is used: one for all who share it. */
export interface LimitSource {
  /** How many may run now: a whole number from 0, or `Infinity`. */
  readonly limit: number;
  /** The limit from now on, each time it changes; never completes. */
  readonly changes: Observable<number>;
  /**
   * Told of each piece of work that ended, so that the limit can adapt.
   *
   * @param durationMs - how long it ran, its wait for a place not counted
   * @param running - how many ran when it ended, itself included
   */
  sample?(durationMs: number, running: number, outcome: Outcome): void;
}

/** How many may run at once: a number, an Observable of numbers (0 pauses), or a limit that adapts. */
export type Concurrency = number | Observable<number> | LimitSource;

/** Who is told that a limit changed. */
export interface LimitListener {
  limitChanged(): void;
  /** The Observable failed, or sent something that is no limit. */
  limitFailed(error: unknown): void;
}

/** Extends Subscriber, because an observer object cannot stop a source that emits before `subscribe` returns. */
class LimitInput extends Subscriber<number> {
  readonly #limit: LiveLimit;
  readonly #listener: LimitListener;

  constructor(limit: LiveLimit, listener: LimitListener) {
    super();
    this.#limit = limit;
    this.#listener = listener;
  }

  protected override _next(limit: number): void {
    try {
      this.#limit.now = wholeFrom(0, limit, this.#limit.field);
    } catch (error) {
      return this.error(error);
    }
    this.#listener.limitChanged();
  }

  protected override _error(error: unknown): void {
    this.unsubscribe();
    this.#listener.limitFailed(error);
  }
}

/** Reads a {@link Concurrency} for one user of it: the number that counts now, and a call when it changes. */
export class LiveLimit {
  /** How many may run now; 0 until an Observable has said something. */
  now: number;
  readonly field: string;
  readonly source: LimitSource | undefined;
  readonly #changes: Observable<number> | undefined;
  #input: LimitInput | undefined;

  /** @throws ConfigError when it is none of the three */
  constructor(given: Concurrency, field: string) {
    this.field = field;
    if (typeof given === 'number') this.now = wholeFrom(1, given, field);
    else if (isLimitSource(given)) {
      this.source = given;
      this.now = wholeFrom(0, given.limit, field);
      this.#changes = given.changes;
    } else if (typeof (given as Observable<number> | null)?.subscribe === 'function') {
      this.now = 0;
      this.#changes = given;
    } else throw new ConfigError(field, 'must be a number, an Observable of numbers, or a limit that adapts');
  }

  /** Follows the changes until {@link close}, or until they fail. */
  follow(listener: LimitListener): void {
    if (this.source) this.now = this.source.limit;
    if (!this.#changes) return;
    this.#input = new LimitInput(this, listener);
    this.#changes.subscribe(this.#input);
  }

  close(): void {
    this.#input?.unsubscribe();
    this.#input = undefined;
  }
}

function isLimitSource(given: unknown): given is LimitSource {
  return typeof given === 'object' && given !== null && 'limit' in given && 'changes' in given;
}
