import type { FlowSubscriber, Publisher } from '../demand.js';
import { Relay } from './relay.js';
import type { TimeoutPolicy } from './timeout-policy.js';

/** Waits so long for each next signal, while something is asked for. */
export class IdleRun<T> extends Relay<T> {
  readonly #policy: TimeoutPolicy;

  constructor(source: Publisher<T>, to: FlowSubscriber<T>, policy: TimeoutPolicy) {
    super(source, to);
    this.#policy = policy;
  }

  protected override awaited(): void {
    this.#policy.deadlines.arm(this, this.#policy.limitMs);
  }

  override onNext(value: T): void {
    super.onNext(value);
    // After it: what the consumer does with a value is not the source's time.
    if (!this.to) return;
    if (this.wanted > 0) this.awaited();
    else this.#policy.deadlines.disarm(this);
  }

  override expire(): void {
    this.stop(this.#policy.ranOut());
  }

  protected override over(): void {
    this.#policy.deadlines.disarm(this);
  }
}
