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
  #answer: Omit<ResponseInfo, 'timings'> | undefined;

  constructor(plan: Plan, to: EventSink<T>) {
    this.plan = plan;
    this.to = to;
    this.#startedAt = plan.client.clock.now();
  }

  progress(_event: ProgressEvent): void {}

  uploaded(): void {}

  head({ status, headers }: Head, url: string, attempts: number): void {
    this.#headAt = this.plan.client.clock.now();
    this.#answer = { status, headers, url, attempts };
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
    const startedAt = this.#startedAt;
    const totalMs = this.plan.client.clock.now() - startedAt;
    return this.#answer
      ? { ...this.#answer, timings: { startedAt, headMs: this.#headAt - startedAt, totalMs } }
      : fallback;
  }
}
