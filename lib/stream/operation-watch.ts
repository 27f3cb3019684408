import { defer, from, type Observable, Subscription, tap, type Unsubscribable } from 'rxjs';

import type { StatusError } from '../core/answer-errors.js';
import { spread } from '../core/backoff.js';
import type { FlowSubscriber, Publisher } from '../core/demand.js';
import { AbortError, ConfigError, isApiError } from '../core/errors.js';
import { Relay } from '../core/policy/relay.js';
import { PROGRESS } from '../core/progress.js';
import type { Call } from '../http/call.js';
import type { Plan } from '../http/plan.js';
import { summarise } from '../http/plan-facts.js';
import { listen, unlisten } from '../http/signal-hub.js';
import { describe } from '../http/summary.js';
import { askedMs, readAnswer } from './operation-answer.js';
import { OperationError } from './operation-error.js';
import type { Answer } from './operation-modes.js';
import type { OperationRules } from './operation-settings.js';
import type { Operation, OperationEvent, OperationState } from './operation-types.js';
import { mayPass } from './reconnect-options.js';

type Writable<T> = { -readonly [K in keyof T]: T[K] };
/** An event without what every event has. */
type Telling<E = OperationEvent> = E extends unknown
  ? Omit<E, 'attempt' | 'sinceMs' | 'operation' | typeof PROGRESS>
  : never;

/** The result comes from a publisher that is not known yet. */
const NONE: Publisher<never> = { subscribe: () => {} };

/** The exchanges and waits of a run that watches an operation, and what it tells of them. */
export abstract class OperationWatch<T> extends Relay<T> {
  protected readonly plan: Plan;
  protected readonly rules: OperationRules;
  /** Where the operation stands; set once there is one. */
  protected state: Writable<OperationState> | undefined;
  readonly #teller: ((event: OperationEvent) => void) | undefined;
  readonly #operation: Operation = { serialize: () => ({ ...this.state! }), cancel: () => this.#cancelling() };
  #exchange: Unsubscribable | undefined;
  #push: Unsubscribable | undefined;
  #cancelWait: (() => void) | undefined;
  #isNudged = false;
  #isFailing = false;
  #failures = 0;
  #isFound = false;

  constructor(plan: Plan, to: FlowSubscriber<T>, rules: OperationRules, teller?: (event: OperationEvent) => void) {
    super(NONE, to);
    this.plan = plan;
    this.rules = rules;
    this.#teller = teller;
  }

  /** The wait is over: asks for what is wanted next. */
  protected abstract proceed(): void;

  protected override begin(): void {
    const { signal } = this.plan;
    if (signal?.aborted) return this.handleEvent();
    if (signal) listen(signal, this);
  }

  /** The caller's signal fired. */
  handleEvent(): void {
    this.halt(new AbortError(this.plan.signal?.reason));
  }

  protected override over(): void {
    if (this.plan.signal) unlisten(this.plan.signal, this);
    this.rest();
  }

  /** Asks nothing any more, and listens to nothing. */
  protected rest(): void {
    this.#cancelWait?.();
    this.#cancelWait = undefined;
    this.#exchange?.unsubscribe();
    this.#push?.unsubscribe();
  }

  protected halt(error: unknown): void {
    if (isApiError(error)) describe(error, summarise(this.plan));
    this.stop(error);
  }

  /** Runs what may throw: it then ends the run. */
  protected guard(step: () => void): void {
    if (!this.to) return;
    try {
      step();
    } catch (error) {
      this.halt(error);
    }
  }

  protected ask(call: Call<Uint8Array>, then: (answer: Answer) => void, missed: (error: unknown) => void): void {
    this.#exchange = call.response().subscribe({
      next: (response) =>
        this.guard(() => {
          this.#exchange = undefined;
          this.#failures = 0;
          this.#isFound = this.state !== undefined;
          then(readAnswer(response));
        }),
      error: missed,
    });
  }

  /** A poll has failed, which says little of the operation. */
  protected missed(error: unknown): void {
    const { startedMs } = this.state!;
    const status = isApiError(error) && error.kind === 'status' ? (error as StatusError).status : 0;
    if (status === 410) return this.halt(new OperationError('expired', { cause: error }));
    const isEarly = status === 404 && !this.#isFound && this.now() - startedMs < this.rules.graceMs;
    if (!isEarly && !(mayPass(error) && ++this.#failures <= this.rules.failures)) return this.stop(error);
    this.guard(() => this.wait(error, error, error));
  }

  /**
   * Waits for the next step.
   *
   * @param said - what may carry `Retry-After`
   * @param fact - what `waitMs` is told: the body of the last answer, or the error
   * @param cause - the error, if there is one
   */
  protected wait(said: unknown, fact: unknown, cause?: unknown): void {
    const { rules, state, plan } = this;
    const { random } = plan.client;
    const isNudged = this.#isNudged && cause === undefined;
    const asked = askedMs(said, this.now());
    const ms = isNudged ? 0 : Math.min(asked ?? rules.wait(fact, state!.polls, random), rules.maxWaitMs);
    // What is no number comes from a formula that overflowed.
    this.waitFor(spread(Number.isNaN(ms) ? rules.maxWaitMs : Math.max(0, ms), random), cause);
  }

  protected waitFor(delayMs: number, cause?: unknown): void {
    this.#isNudged = false;
    this.#isFailing = cause !== undefined;
    this.state!.askAtMs = this.now() + delayMs;
    this.tell({ type: 'waiting', delayMs, cause });
    if (!this.to) return;
    this.#cancelWait = this.plan.client.clock.after(delayMs, () => this.#wake());
  }

  /**
   * Something has changed: asks at once, or right after the answer that is awaited. A server in trouble is not asked any
   * sooner.
   */
  protected nudge(): void {
    if (!this.to || this.#isFailing) return;
    if (this.#cancelWait) this.#wake();
    else this.#isNudged = true;
  }

  #wake(): void {
    this.#cancelWait?.();
    this.#cancelWait = undefined;
    this.#isFailing = false;
    this.guard(() => this.proceed());
  }

  /** Listens for what tells of the end from elsewhere. */
  protected listenTo(source: Observable<unknown>, then: (said: unknown) => void): void {
    // Closed by the first word that counts, also when that comes before `subscribe` has returned.
    const push = (this.#push = new Subscription());
    push.add(
      source.subscribe({
        next: (said) => push.closed || this.guard(() => then(said)),
        error: (cause: unknown) => push.closed || this.tell({ type: 'lost', cause }),
      }),
    );
  }

  protected tell(event: Telling): void {
    if (!this.#teller || !this.to) return;
    const common = { attempt: this.state!.polls, sinceMs: this.now(), operation: this.#operation };
    this.#teller({ ...event, ...common, [PROGRESS]: true } as OperationEvent);
  }

  protected now(): number {
    return this.plan.client.clock.now();
  }

  #cancelling(): Observable<unknown> {
    return defer(() => {
      const { cancel } = this.rules;
      const fix = 'say how the server is asked to stop, such as ({ monitor }) => api.delete(monitor)';
      if (!cancel) throw new ConfigError('longRunning.cancel', fix);
      return from(cancel({ ...this.state! })).pipe(tap({ complete: () => this.nudge() }));
    });
  }
}
