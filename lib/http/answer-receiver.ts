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

/** Its total time is known at the end only. */
type Filled = ResponseInfo & { readonly timings: { totalMs: number } };

/** Notes what an answer's information is made of. */
export abstract class AnswerReceiver<T> implements Receiver {
  abstract readonly events: boolean;
  abstract readonly uploads: boolean;
  protected readonly to: EventSink<T>;
  protected readonly plan: Plan;
  readonly #startedAt: number;
  #info: Filled | undefined;

  constructor(plan: Plan, to: EventSink<T>) {
    this.plan = plan;
    this.to = to;
    this.#startedAt = plan.client.clock.now();
  }

  progress(_event: ProgressEvent): void {}

  uploaded(): void {}

  head({ status, headers }: Head, url: string, attempts: number): void {
    const startedAt = this.#startedAt;
    const headMs = this.plan.client.clock.now() - startedAt;
    this.#info = { status, headers, url, timings: { startedAt, headMs, totalMs: headMs }, attempts };
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
    const info = this.#info;
    if (!info) return fallback;
    info.timings.totalMs = this.plan.client.clock.now() - this.#startedAt;
    return info;
  }
}
