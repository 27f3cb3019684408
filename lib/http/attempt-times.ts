import { Timed } from '../core/deadlines.js';
import { TimeoutError, type TimeoutKind } from '../core/errors.js';
import type { Plan } from './plan.js';

/** How long an unwanted body is read for the sake of its connection. */
const DISCARD_MS = 250;

/**
 * The clocks of one attempt, on one entry of the shared deadlines.
 *
 * Moving a deadline only writes a number: the entry looks for the nearest one when its time is over. A timer per
 * clock and chunk would cost more than the rest of the call.
 */
export abstract class AttemptTimes extends Timed {
  protected readonly plan: Plan;
  #queueAt = Infinity;
  #headersAt = Infinity;
  #attemptAt = Infinity;
  #silentSince = Infinity;
  #graced = false;
  #answered = false;

  constructor(plan: Plan) {
    super();
    this.plan = plan;
  }

  protected abstract timedOut(error: TimeoutError): void;

  /** A connection is waited for. */
  protected queued(): void {
    const { queueMs, totalMs } = this.plan.timeouts;
    // The call's own limit ends this wait too.
    if (queueMs >= totalMs) return;
    const now = this.plan.client.clock.now();
    this.#queueAt = now + queueMs;
    this.#arm(queueMs, now);
  }

  /** A connection is ours: the attempt's time starts, or with a later hop only the time to its head. */
  protected started(): void {
    const { headersMs, attemptMs } = this.plan.timeouts;
    const now = this.plan.client.clock.now();
    this.#queueAt = Infinity;
    this.#silentSince = Infinity;
    this.#answered = false;
    this.#headersAt = now + headersMs;
    if (this.#attemptAt === Infinity) this.#attemptAt = now + attemptMs;
    this.#arm(Math.min(headersMs, this.#attemptAt - now), now);
  }

  /**
   * The body we send moves: what the server does with it cannot be late yet.
   *
   * @param done - all of it has left; until then, silence is that of a server which takes nothing
   */
  protected uploading(done: boolean): void {
    const { headersMs, attemptMs, idleMs } = this.plan.timeouts;
    if (this.#answered) return;
    const now = this.plan.client.clock.now();
    this.#headersAt = now + headersMs;
    this.#attemptAt = now + attemptMs;
    this.#silentSince = done ? Infinity : now;
    if (!done && (!this.list || now + idleMs < this.at)) this.#arm(idleMs, now);
  }

  /** An unwanted body comes: it is read, but not for long. */
  protected discarding(): void {
    const now = this.plan.client.clock.now();
    this.#answered = true;
    this.#silentSince = Infinity;
    this.#headersAt = now + DISCARD_MS;
    this.#arm(Math.min(DISCARD_MS, this.#attemptAt - now), now);
  }

  /** Nothing is expected from the server: a credential is fetched. */
  protected resting(): void {
    this.#headersAt = Infinity;
  }

  /** The head is here: silence counts from now, and a many-value body may last. */
  protected headed(many: boolean): void {
    this.#answered = true;
    this.#headersAt = Infinity;
    if (many) this.#attemptAt = Infinity;
    this.heard();
    const { idleMs } = this.plan.timeouts;
    if (!this.list || this.#silentSince + idleMs < this.at) this.#arm(idleMs, this.#silentSince);
  }

  /** Bytes came, or we are ready for them again. */
  protected heard(): void {
    const { attemptMs, idleMs } = this.plan.timeouts;
    // The attempt's time is over before silence could be: to read the clock would be for nothing, 0.1 us a call.
    if (attemptMs <= idleMs && this.#attemptAt !== Infinity) return;
    this.#silentSince = this.plan.client.clock.now();
  }

  /** We hold the server back: its silence is ours. */
  protected held(): void {
    this.#silentSince = Infinity;
  }

  /** Readiness after {@link held}. */
  protected released(): void {
    if (this.#silentSince !== Infinity) return;
    this.heard();
    if (!this.list) this.#arm(this.plan.timeouts.idleMs, this.#silentSince);
  }

  protected stopped(): void {
    this.plan.client.deadlines.disarm(this);
  }

  override expire(): void {
    const { queueMs, headersMs, attemptMs, idleMs } = this.plan.timeouts;
    let which: TimeoutKind = 'queue';
    let limit = queueMs;
    let at = this.#queueAt;
    const consider = (kind: TimeoutKind, ms: number, due: number): void => {
      if (due < at) [which, limit, at] = [kind, ms, due];
    };
    consider('headers', headersMs, this.#headersAt);
    consider('attempt', attemptMs, this.#attemptAt);
    consider('idle', idleMs, this.#silentSince + idleMs);
    const now = this.plan.client.clock.now();
    const left = at - now;
    // What has arrived while the event loop was blocked is read before a time limit is held against it.
    if (left >= 1 || !this.#graced) {
      this.#graced = left < 1;
      this.#arm(Math.max(0, left), now);
    } else this.timedOut(new TimeoutError(which, limit));
  }

  #arm(ms: number, now: number): void {
    // Whole milliseconds, so that many deadlines share few timers.
    this.plan.client.deadlines.arm(this, Math.ceil(ms), now);
  }
}
