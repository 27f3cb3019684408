import type { FlowSubscriber, Publisher } from '../demand.js';
import { isProgress } from '../progress.js';
import { Relay } from './relay.js';
import { WITHIN } from './time-limit.js';
import type { TimeoutPolicy } from './timeout-policy.js';

/** Waits so long for the first value of a source; only the time counts in which something is asked for. */
export class AttemptRun<T> extends Relay<T> {
  readonly #policy: TimeoutPolicy;
  #leftMs: number;
  #answered = false;

  constructor(source: Publisher<T>, to: FlowSubscriber<T>, policy: TimeoutPolicy) {
    super(source, to);
    this.#policy = policy;
    this.#leftMs = policy.limitMs;
  }

  protected override begin(): void {
    const limit = this[WITHIN];
    if (limit && limit.lastStartMs <= this.#policy.clock.now()) return this.stop(limit.overdue());
    super.begin();
  }

  protected override awaited(): void {
    if (!this.#answered) this.#policy.deadlines.arm(this, this.#leftMs);
  }

  override onNext(value: T): void {
    if (!this.#answered && this.to) this.#look(value);
    super.onNext(value);
  }

  override expire(): void {
    this.stop(this.#policy.ranOut());
  }

  protected override over(): void {
    this.#policy.deadlines.disarm(this);
  }

  #look(value: T): void {
    const { deadlines, clock } = this.#policy;
    this.#answered = !isProgress(value);
    // Progress that took the last of the demand: the source is held back from here on, not slow.
    const isHeld = this.wanted === 1;
    if (isHeld) this.#leftMs = Math.max(0, this.at - clock.now());
    if (isHeld || this.#answered) deadlines.disarm(this);
  }
}
