import type { Backoff } from '../backoff.js';
import type { Clock } from '../clock.js';
import type { FlowSubscriber, Publisher } from '../demand.js';
import { isProgress } from '../progress.js';
import type { Random } from '../random.js';
import { waitAtLeast } from '../retry-policy.js';
import { isWatched, tell } from './policy-events.js';
import { Relay } from './relay.js';
import { WITHIN } from './time-limit.js';

/** How a {@link PollRun} behaves; shared by all runs of an operator. */
export interface PollRules<T> {
  readonly isDone: (value: T, poll: number) => boolean;
  readonly wait: Backoff;
  /** Failed polls in a row that are followed by another one. */
  readonly failures: number;
  readonly when: (error: unknown) => boolean;
  readonly name: string | undefined;
  readonly clock: Clock;
  readonly random: Random;
}

/** Subscribes to a source again and again until its last value is what is waited for. */
export class PollRun<T> extends Relay<T> {
  readonly #rules: PollRules<T>;
  #poll = 0;
  #failures = 0;
  #last: [value?: T] = [];
  #cancelWait: (() => void) | undefined;
  /** The wait is over and nothing is asked for: a poll that nobody reads is not made. */
  #isDue = false;

  constructor(source: Publisher<T>, to: FlowSubscriber<T>, rules: PollRules<T>) {
    super(source, to);
    this.#rules = rules;
  }

  protected override begin(): void {
    this.#isDue = false;
    this.#cancelWait = undefined;
    this.#poll++;
    this.#last = [];
    super.begin();
  }

  protected override awaited(): void {
    if (this.#isDue) this.begin();
  }

  protected override over(): void {
    this.#cancelWait?.();
  }

  override onNext(value: T): void {
    if (!isProgress(value)) this.#last = [value];
    super.onNext(value);
  }

  override onComplete(): void {
    if (!this.ended()) return;
    this.#failures = 0;
    const [value] = this.#last;
    try {
      if (this.#last.length > 0 && this.#rules.isDone(value as T, this.#poll)) return super.onComplete();
      this.#wait(value);
    } catch (thrown) {
      super.onError(thrown);
    }
  }

  override onError(error: unknown): void {
    if (!this.ended()) return;
    try {
      if (++this.#failures > this.#rules.failures || !this.#rules.when(error)) return super.onError(error);
      this[WITHIN]?.note(error);
      const delayMs = this.#wait(error);
      if (this.to && isWatched()) this.#tell(error, delayMs);
    } catch (thrown) {
      super.onError(thrown);
    }
  }

  /** Waits for the next poll, after a last value or an error. @returns how long, in milliseconds */
  #wait(fact: unknown): number {
    const { wait, clock, random } = this.#rules;
    const waitMs = waitAtLeast(askedOf(fact), wait(fact, this.#poll, random), random);
    const limit = this[WITHIN];
    if (limit && clock.now() + waitMs >= limit.lastStartMs) super.onError(limit.overdue());
    else this.#cancelWait = clock.after(waitMs, () => this.#next());
    return waitMs;
  }

  #next(): void {
    this.#isDue = this.wanted === 0;
    if (!this.#isDue) this.begin();
  }

  #tell(error: unknown, delayMs: number): void {
    const { name, clock } = this.#rules;
    tell({ type: 'retry', policy: 'pollUntil', name, atMs: clock.now(), attempt: this.#failures, delayMs, error });
  }
}

/** What a value or an error says of when to come back, in milliseconds; -1 when it says nothing. */
function askedOf(fact: unknown): number {
  const askedMs = (fact as { readonly retryAfterMs?: unknown } | null | undefined)?.retryAfterMs;
  return typeof askedMs === 'number' && askedMs >= 0 ? askedMs : -1;
}
