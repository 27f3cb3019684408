import type { Head } from '../core/wire.js';
import type { ApiEvent, ProgressEvent, ResponseInfo } from './answer-types.js';
import type { Plan } from './plan.js';
import type { Receiver } from './receiver.js';

/** Takes what an answer is made of: an RxJS subscriber, or a run inside of layers. */
export interface EventSink<T = ApiEvent<unknown>> {
  readonly closed: boolean;
  next(value: T): void;
  error(error: unknown): void;
  complete(): void;
}

/** Notes what an answer's information is made of. */
export abstract class AnswerReceiver<T> implements Receiver {
  abstract readonly events: boolean;
  abstract readonly uploads: boolean;
  protected readonly to: EventSink<T>;
  protected readonly plan: Plan;
  readonly #startedAt: number;
  #headAt = 0;
  #head: Head | undefined;
  #url = '';
  #attempts = 0;

  constructor(plan: Plan, to: EventSink<T>) {
    this.plan = plan;
    this.to = to;
    this.#startedAt = plan.client.clock.now();
  }

  progress(_event: ProgressEvent): void {}

  uploaded(): void {}

  head(head: Head, url: string, attempts: number): void {
    this.#headAt = this.plan.client.clock.now();
    this.#head = head;
    this.#url = url;
    this.#attempts = attempts;
  }

  wanted(): boolean {
    return !this.to.closed;
  }

  abstract value(value: unknown): void;
  abstract complete(fallback?: ResponseInfo): void;

  error(error: unknown): void {
    this.to.error(error);
  }

  /** @param fallback - what a layer that answered by itself said */
  protected info(fallback: ResponseInfo | undefined): ResponseInfo | undefined {
    if (!this.#head) return fallback;
    const { status, headers } = this.#head;
    const startedAt = this.#startedAt;
    const totalMs = this.plan.client.clock.now() - startedAt;
    const timings = { startedAt, headMs: this.#headAt - startedAt, totalMs };
    return { status, headers, url: this.#url, timings, attempts: this.#attempts };
  }
}
