import type { FlowSubscriber, Publisher } from '../demand.js';
import type { TimeoutError } from '../errors.js';
import { Relay } from './relay.js';
import { limitAround, type TimeLimit, WITHIN } from './time-limit.js';
import type { TimeoutPolicy } from './timeout-policy.js';

/** How a {@link DeadlineRun} behaves; its policy's limit is the total one. */
export interface DeadlineRules {
  readonly policy: TimeoutPolicy;
  /** When everything must be over at the latest: milliseconds since 1970, or `Infinity`. */
  readonly atMs: number;
  /** An attempt that has less time than this is not started. Unit: milliseconds. */
  readonly leastAttemptMs: number;
}

/** Bounds everything above it in time, and tells those there how long they have. */
export class DeadlineRun<T> extends Relay<T> implements TimeLimit {
  lastStartMs = Infinity;
  readonly #rules: DeadlineRules;
  readonly #around: TimeLimit | undefined;
  #limitMs = 0;
  #lastError: [error?: unknown] = [];

  constructor(source: Publisher<T>, to: FlowSubscriber<T>, rules: DeadlineRules) {
    super(source, to);
    this.#rules = rules;
    this.#around = limitAround(to);
  }

  override get [WITHIN](): TimeLimit {
    return this;
  }

  protected override begin(): void {
    const { policy, atMs, leastAttemptMs } = this.#rules;
    const now = policy.clock.now();
    // Whole milliseconds, so that moments that differ share timers.
    this.#limitMs = Math.max(0, Math.min(policy.limitMs, Math.ceil(atMs - now)));
    const ownStartMs = now + this.#limitMs - leastAttemptMs;
    this.lastStartMs = Math.min(ownStartMs, this.#around?.lastStartMs ?? Infinity);
    if (ownStartMs <= now) return this.expire();
    if (this.lastStartMs <= now) return this.stop(this.#around!.overdue());
    policy.deadlines.arm(this, this.#limitMs, now);
    super.begin();
  }

  note(error: unknown): void {
    this.#lastError = [error];
    this.#around?.note(error);
  }

  overdue(): TimeoutError {
    return this.#rules.policy.ranOut(this.#limitMs, ...this.#lastError);
  }

  override expire(): void {
    this.stop(this.overdue());
  }

  protected override over(): void {
    this.#rules.policy.deadlines.disarm(this);
  }
}
