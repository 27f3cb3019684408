import { badRequest, type Demand, type FlowSubscriber, type Publisher } from './demand.js';
import { isProgress } from './progress.js';
import { planRetry, type RetryPolicy } from './retry-policy.js';

/**
 * Runs a source again while its policy allows. What was asked for and has not come is asked of the next attempt.
 *
 * Both ends in one object: values pass through without a queue, since no attempt may send more than was asked for.
 */
export class RetryRun<T> implements Demand, FlowSubscriber<T> {
  readonly #source: Publisher<T>;
  readonly #policy: RetryPolicy;
  #to: FlowSubscriber<T> | undefined;
  #demand: Demand | undefined;
  #wanted = 0;
  #attempt = 0;
  #committed = false;
  #cancelWait: (() => void) | undefined;

  constructor(source: Publisher<T>, to: FlowSubscriber<T>, policy: RetryPolicy) {
    this.#source = source;
    this.#to = to;
    this.#policy = policy;
  }

  start(): void {
    try {
      this.#to!.onSubscribe(this);
    } catch (error) {
      this.cancel();
      throw error;
    }
    if (this.#to) this.#try();
  }

  request(n: number): void {
    if (!this.#to) return;
    const bad = badRequest(n);
    if (bad) {
      const to = this.#to;
      this.cancel();
      return to.onError(bad);
    }
    this.#wanted += n;
    this.#demand?.request(n);
  }

  cancel(): void {
    this.#to = undefined;
    if (this.#cancelWait) {
      this.#cancelWait();
      // The attempt that was paid for is not made.
      this.#policy.budget?.refund();
    }
    this.#demand?.cancel();
    this.#demand = this.#cancelWait = undefined;
  }

  onSubscribe(demand: Demand): void {
    if (!this.#to || this.#demand) return demand.cancel();
    this.#demand = demand;
    if (this.#wanted > 0) demand.request(this.#wanted);
  }

  onNext(value: T): void {
    if (!this.#to) return;
    this.#wanted--;
    if (!this.#committed && !isProgress(value)) this.#commit();
    this.#to?.onNext(value);
  }

  onComplete(): void {
    if (!this.#to) return;
    if (!this.#committed) this.#commit();
    this.#leave()?.onComplete();
  }

  onError(error: unknown): void {
    if (!this.#to) return;
    this.#demand = undefined;
    let waitMs = -1;
    try {
      if (!this.#committed) waitMs = planRetry(this.#policy, error, this.#attempt, Infinity);
    } catch (thrown) {
      return this.#leave()?.onError(thrown);
    }
    if (waitMs < 0) return this.#leave()?.onError(error);
    // Whoever listens to the budget may have cancelled.
    if (this.#to) this.#cancelWait = this.#policy.clock.after(waitMs, () => this.#try());
  }

  #try(): void {
    this.#cancelWait = undefined;
    this.#attempt++;
    this.#source.subscribe(this);
  }

  /** The attempt won: what it has sent cannot be taken back, so no other one follows. */
  #commit(): void {
    this.#committed = true;
    const { budget } = this.#policy;
    if (this.#attempt === 1) budget?.earn();
    else budget?.refund();
  }

  /** Lets go of the subscriber before its last signal. */
  #leave(): FlowSubscriber<T> | undefined {
    const to = this.#to;
    this.#to = this.#demand = undefined;
    return to;
  }
}
