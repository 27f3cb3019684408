import type { FlowSubscriber, Publisher } from './demand.js';
import { Relay } from './policy/relay.js';
import { WITHIN } from './policy/time-limit.js';
import { isProgress } from './progress.js';
import { planRetry, type RetryPolicy } from './retry-policy.js';

/** Runs a source again while its policy allows, and the time limit around it. */
export class RetryRun<T> extends Relay<T> {
  readonly #policy: RetryPolicy;
  #attempt = 0;
  #committed = false;
  #cancelWait: (() => void) | undefined;

  constructor(source: Publisher<T>, to: FlowSubscriber<T>, policy: RetryPolicy) {
    super(source, to);
    this.#policy = policy;
  }

  protected override begin(): void {
    this.#cancelWait = undefined;
    this.#attempt++;
    this.source.subscribe(this);
  }

  protected override over(): void {
    if (!this.#cancelWait) return;
    this.#cancelWait();
    this.#cancelWait = undefined;
    // The attempt that was paid for is not made.
    this.#policy.budget?.refund();
  }

  override onNext(value: T): void {
    if (!this.#committed && this.to && !isProgress(value)) this.#commit();
    super.onNext(value);
  }

  override onComplete(): void {
    if (!this.#committed && this.to) this.#commit();
    super.onComplete();
  }

  override onError(error: unknown): void {
    if (!this.ended()) return;
    const { clock } = this.#policy;
    const limit = this[WITHIN];
    let waitMs = -1;
    try {
      const leftMs = limit ? limit.lastStartMs - clock.now() : Infinity;
      if (!this.#committed) waitMs = planRetry(this.#policy, error, this.#attempt, leftMs);
    } catch (thrown) {
      return super.onError(thrown);
    }
    if (waitMs < 0) return super.onError(error);
    limit?.note(error);
    // Whoever listens to the budget or to policy events may have cancelled.
    if (this.to) this.#cancelWait = clock.after(waitMs, () => this.begin());
    else this.#policy.budget?.refund();
  }

  /** The attempt won: what it has sent cannot be taken back, so no other one follows. */
  #commit(): void {
    this.#committed = true;
    const { budget } = this.#policy;
    if (this.#attempt === 1) budget?.earn();
    else budget?.refund();
  }
}
