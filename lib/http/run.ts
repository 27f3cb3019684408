import { Timed } from '../core/deadlines.js';
import { AbortError, isApiError, RejectedError, TimeoutError } from '../core/errors.js';
import { PROGRESS } from '../core/progress.js';
import type { Payer } from '../core/purse.js';
import { planRetry } from '../core/retry-policy.js';
import type { Head } from '../core/wire.js';
import { budgetOf } from './client.js';
import type { Plan } from './plan.js';
import { isRepeatable, summarise } from './plan-facts.js';
import { produceAttempt } from './produce-attempt.js';
import type { Producer, Receiver } from './receiver.js';
import { listen, unlisten } from './signal-hub.js';
import { describe } from './summary.js';
import type { ProgressEvent, ResponseInfo } from './answer-types.js';

/** One subscription to a call: its attempts, the waits between them, its total time and its signal. */
export class Run extends Timed implements Receiver, Producer {
  readonly events: boolean;
  readonly uploads: boolean;
  readonly #plan: Plan;
  readonly #to: Receiver;
  #attempts = 0;
  #current: Producer | undefined;
  #endWait: (() => void) | undefined;
  #totalAt = Infinity;
  #committed = false;
  #over = false;
  #lastError: unknown;

  constructor(plan: Plan, to: Receiver) {
    super();
    this.#plan = plan;
    this.#to = to;
    this.events = to.events;
    this.uploads = to.uploads;
  }

  start(): void {
    const { client, signal, timeouts } = this.#plan;
    client.shared.running++;
    if (client.closed || client.shared.closed) return this.#fail(new RejectedError('closed', 'the client is closed'));
    if (signal?.aborted) return this.#fail(new AbortError(signal.reason));
    if (signal) listen(signal, this);
    const now = client.clock.now();
    this.#totalAt = now + timeouts.totalMs;
    // With the attempts' duration at first, so that both share a timer: when it is over, `expire` waits for the rest.
    client.deadlines.arm(this, Math.min(timeouts.totalMs, Math.ceil(timeouts.attemptMs)), now);
    this.#attempt();
  }

  #attempt(): void {
    this.#endWait = undefined;
    this.#attempts++;
    const attempt = produceAttempt(this.#plan, this.#attempts, this);
    this.#current = attempt;
    attempt.start();
  }

  progress(event: ProgressEvent): void {
    this.#to.progress(event);
  }

  uploaded(): void {
    if (this.#totalAt !== Infinity) this.#totalAt = this.#plan.client.clock.now() + this.#plan.timeouts.totalMs;
    this.#to.uploaded();
  }

  head(head: Head, url: string, attempt: number): void {
    if (this.#plan.decoder.many) {
      this.#totalAt = Infinity;
      this.#plan.client.deadlines.disarm(this);
    }
    this.#to.head(head, url, attempt);
  }

  value(value: unknown): void {
    // Before the value: the subscriber may leave when it has it.
    if (!this.#committed) this.#succeed();
    this.#to.value(value);
  }

  wanted(): boolean {
    return this.#to.wanted();
  }

  complete(info?: ResponseInfo): void {
    this.#release();
    if (!this.#committed) this.#succeed();
    this.#to.complete(info);
  }

  #succeed(): void {
    this.#committed = true;
    const budget = this.#budget();
    if (this.#attempts === 1) budget?.earn();
    else budget?.refund();
  }

  error(error: unknown): void {
    if (this.#over) return;
    this.#current = undefined;
    const { client, retry, once } = this.#plan;
    // Layers do not know what may be repeated.
    if (isApiError(error)) error.retryable &&= isRepeatable(this.#plan);
    if (!retry || this.#committed || once) return this.#fail(error);
    const { clock, random } = client;
    const policy = { ...retry, budget: this.#budget(), clock, random, policy: 'retry', name: undefined };
    let delayMs: number;
    try {
      delayMs = planRetry(policy, error, this.#attempts, this.#totalAt - client.clock.now());
    } catch (thrown) {
      return this.#fail(thrown);
    }
    if (delayMs < 0) return this.#fail(error);
    this.#lastError = error;
    if (this.events) this.#to.progress({ type: 'retry', attempt: this.#attempts, delayMs, error, [PROGRESS]: true });
    if (!this.#over) this.#endWait = client.clock.after(delayMs, () => this.#attempt());
    else this.#budget()?.refund();
  }

  #budget(): Payer | undefined {
    const { client, retry, target } = this.#plan;
    if (!retry || retry.budget === false) return undefined;
    return retry.budget ?? budgetOf(client, target.origin);
  }

  #fail(error: unknown): void {
    if (this.#over) return;
    this.cancel();
    if (isApiError(error)) {
      // One that names its request is another call's, such as that of a token: its facts stay.
      if (!error.request) error.attempts = this.#attempts;
      describe(error, summarise(this.#plan));
      // The retries have been had here: an operator outside must not multiply them.
      if (this.#plan.retry) error.retryable = false;
    }
    this.#to.error(error);
  }

  override expire(): void {
    const { client, timeouts } = this.#plan;
    const left = this.#totalAt - client.clock.now();
    if (left >= 1) return client.deadlines.arm(this, Math.ceil(left));
    const cause = this.#lastError;
    this.#fail(new TimeoutError('total', timeouts.totalMs, cause === undefined ? {} : { cause }));
  }

  /** The caller's signal fired. */
  handleEvent(): void {
    this.#fail(new AbortError(this.#plan.signal?.reason));
  }

  resume(): void {
    this.#current?.resume();
  }

  cancel(): void {
    if (this.#over) return;
    this.#release();
    if (this.#endWait) {
      this.#endWait();
      // The attempt that was paid for is not made.
      this.#budget()?.refund();
    }
    this.#current?.cancel();
  }

  #release(): void {
    const { deadlines, shared } = this.#plan.client;
    this.#over = true;
    deadlines.disarm(this);
    if (--shared.running === 0) shared.drained?.();
    if (this.#plan.signal) unlisten(this.#plan.signal, this);
  }
}
