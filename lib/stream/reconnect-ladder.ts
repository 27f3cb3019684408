import { doubling } from '../core/backoff.js';
import type { Clock } from '../core/clock.js';
import { isApiError } from '../core/errors.js';
import { isWatched, tell } from '../core/policy/policy-events.js';
import type { Payer } from '../core/purse.js';
import type { Random } from '../core/random.js';
import { waitAtLeast } from '../core/retry-policy.js';

/** How a {@link ReconnectLadder} climbs. Unit: milliseconds, where nothing else is said. */
export interface LadderRules {
  /** Upper end of the first wait; it doubles with each failure. */
  readonly baseMs: number;
  /** No wait is longer, unless the server asks for it. */
  readonly capMs: number;
  /** A connection that was open for so long begins anew at the first wait. */
  readonly stableMs: number;
  /** So does one that brought a message and was open for so long. */
  readonly provenMs: number;
  /** Connections in a row, none of them stable, after which there is no further one. */
  readonly attempts: number;
  /** A server that asks for a longer wait is not asked again. */
  readonly maxRetryAfterMs: number;
  /** Pays for attempts; `undefined` for no bound. */
  readonly budget: Payer | undefined;
  readonly clock: Clock;
  readonly random: Random;
  /** What policy events call the source. */
  readonly policy: string;
}

/** Upper end of the first wait after a 429. */
const THROTTLED_MS = 1000;
/** The last moment a Date can hold. */
const END_OF_TIME = 8_640_000_000_000_000;

/**
 * How long a source waits before each further connection, with full jitter.
 *
 * Only a connection that lasted begins anew at the lowest rung: a server that accepts, greets and hangs up would pin
 * its clients to the shortest wait. Without budget the wait is drawn from the whole cap: a stream has to go on, but
 * those that the server has dropped together then come back over a minute and not at once.
 */
export class ReconnectLadder {
  readonly #rules: LadderRules;
  readonly #backoff: ReturnType<typeof doubling>;
  #rung = 0;
  #isFirst = true;
  #isPaid = false;
  #openedMs = Infinity;
  #heard = false;
  #floorMs = -1;

  constructor(rules: LadderRules) {
    this.#rules = rules;
    this.#backoff = doubling(rules.baseMs, Math.max(rules.baseMs, THROTTLED_MS), rules.capMs);
  }

  /** The server asks for at least so long a wait from now on; beyond `maxRetryAfterMs` it gets that. */
  floor(ms: number): void {
    this.#floorMs = Math.min(ms, this.#rules.maxRetryAfterMs);
  }

  /** The connection is open. */
  opened(): void {
    this.#openedMs = this.#rules.clock.now();
  }

  /** A message came over the open connection. */
  heard(): void {
    if (!this.#heard) this.#won();
  }

  /**
   * The connection has ended or could not be made.
   *
   * @param cause - its error; `undefined` where the server ended it in good order
   * @returns milliseconds until the next attempt, which is paid for; or -1 when none may follow, and then `retryAt` is
   *   set on an error that carried `Retry-After`
   */
  next(cause: unknown): number {
    const { attempts, maxRetryAfterMs, clock } = this.#rules;
    if (this.#isStable()) {
      this.#rung = 0;
      if (!this.#heard) this.#won();
    }
    this.#rung++;
    this.#openedMs = Infinity;
    this.#heard = this.#isFirst = this.#isPaid = false;
    const askedMs = isApiError(cause) ? (cause.retryAfterMs ?? -1) : -1;
    if (this.#rung < attempts && askedMs <= maxRetryAfterMs) return this.#wait(cause, askedMs);
    if (askedMs >= 0 && isApiError(cause)) {
      cause.retryAt ??= new Date(Math.min(clock.now() + askedMs, END_OF_TIME));
    }
    return -1;
  }

  /** The attempt that was paid for is not made. */
  abandon(): void {
    if (this.#isPaid) this.#rules.budget?.refund();
    this.#isPaid = false;
  }

  #isStable(): boolean {
    const { clock, stableMs, provenMs } = this.#rules;
    return clock.now() - this.#openedMs >= (this.#heard ? Math.min(provenMs, stableMs) : stableMs);
  }

  #won(): void {
    this.#heard = true;
    if (this.#isFirst) this.#rules.budget?.earn();
    this.abandon();
  }

  #wait(cause: unknown, askedMs: number): number {
    const { budget, capMs, random, policy, clock } = this.#rules;
    const isPaid = budget?.take() ?? true;
    this.#isPaid = isPaid && budget !== undefined;
    const backoffMs = isPaid ? this.#backoff(cause, this.#rung, random) : random() * capMs;
    const delayMs = waitAtLeast(Math.max(askedMs, this.#floorMs), backoffMs, random);
    if (isWatched()) {
      const common = { policy, name: undefined, atMs: clock.now() };
      tell({ type: 'retry', ...common, attempt: this.#rung, delayMs, error: cause });
    }
    return delayMs;
  }
}
