import type { ObservableInput } from 'rxjs';

import type { FlowSubscriber, Publisher } from '../demand.js';
import { subscribeInner } from '../inner.js';
import { isProgress } from '../progress.js';
import { LazyContext, type ProjectContext } from '../project.js';
import { planRetry, type RetryPolicy } from '../retry-policy.js';
import { Relay } from './relay.js';
import { WITHIN } from './time-limit.js';

/** How a {@link ResumeRun} behaves; shared by all runs of an operator. */
export interface ResumeRules<T, K> {
  /** Where to go on after a value; `undefined` where the value is no such place. */
  readonly tokenOf: (value: T, count: number) => K | undefined;
  readonly project: (token: K, context: ProjectContext) => ObservableInput<T>;
  readonly retry: RetryPolicy;
  /** An attempt that brought a value and lasted so long gives all attempts back. Unit: milliseconds. */
  readonly stableMs: number;
}

/** Goes on with a broken stream behind the last value that it had. */
export class ResumeRun<T, K> extends Relay<T> {
  readonly #rules: ResumeRules<T, K>;
  #count = 0;
  #token: K | undefined;
  /** Values since the token: the source sends them again, and they are skipped. */
  #since = 0;
  #toSkip = 0;
  /** Attempts since the last stable one, that included. */
  #attempts = 1;
  #isFirst = true;
  #progressed = false;
  #startedMs = 0;
  #context: LazyContext | undefined;
  #cancelWait: (() => void) | undefined;

  constructor(source: Publisher<T>, to: FlowSubscriber<T>, rules: ResumeRules<T, K>) {
    super(source, to);
    this.#rules = rules;
  }

  protected override begin(): void {
    this.#startedMs = this.#rules.retry.clock.now();
    super.begin();
  }

  override onNext(value: T): void {
    if (!this.to) return;
    if (isProgress(value)) return super.onNext(value);
    if (this.#toSkip > 0) {
      this.#toSkip--;
      return this.skip();
    }
    try {
      this.#keep(this.#rules.tokenOf(value, ++this.#count));
    } catch (thrown) {
      return this.stop(thrown);
    }
    if (!this.#progressed) this.#win();
    super.onNext(value);
  }

  override onError(error: unknown): void {
    if (!this.ended()) return;
    const { retry, stableMs } = this.#rules;
    const token = this.#token;
    if (token === undefined) return super.onError(error);
    const now = retry.clock.now();
    // Values alone do not reset: a server that greets and hangs up would be asked without a pause.
    if (this.#progressed && now - this.#startedMs >= stableMs) this.#attempts = 1;
    const limit = this[WITHIN];
    let waitMs: number;
    try {
      waitMs = planRetry(retry, error, this.#attempts, limit ? limit.lastStartMs - now : Infinity);
    } catch (thrown) {
      return super.onError(thrown);
    }
    if (waitMs < 0) return super.onError(error);
    limit?.note(error);
    // Whoever listens may have cancelled.
    if (this.to) this.#cancelWait = retry.clock.after(waitMs, () => this.#resume(token));
    else retry.budget?.refund();
  }

  override cancel(): void {
    this.#context?.abort();
    super.cancel();
  }

  protected override over(): void {
    if (!this.#cancelWait) return;
    this.#cancelWait();
    this.#cancelWait = undefined;
    // The attempt that was paid for is not made.
    this.#rules.retry.budget?.refund();
  }

  #keep(token: K | undefined): void {
    if (token === undefined) return void this.#since++;
    this.#since = 0;
    this.#token = token;
  }

  #win(): void {
    this.#progressed = true;
    const { budget } = this.#rules.retry;
    if (this.#isFirst) budget?.earn();
    else budget?.refund();
  }

  #resume(token: K): void {
    this.#cancelWait = undefined;
    this.#attempts++;
    this.#isFirst = this.#progressed = false;
    this.#toSkip = this.#since;
    this.#startedMs = this.#rules.retry.clock.now();
    this.#context = new LazyContext();
    let input: ObservableInput<T>;
    try {
      input = this.#rules.project(token, this.#context);
    } catch (thrown) {
      return super.onError(thrown);
    }
    subscribeInner(input, this);
  }
}
