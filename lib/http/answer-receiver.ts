import type { Subscriber } from 'rxjs';

import type { Head } from '../core/wire.js';
import type { ProgressEvent, ResponseInfo } from './answer-types.js';
import type { Plan } from './plan.js';
import type { Receiver } from './receiver.js';

/** Notes what an answer's information is made of, for an RxJS subscriber. */
export abstract class AnswerReceiver<T> implements Receiver {
  abstract readonly events: boolean;
  abstract readonly uploads: boolean;
  protected readonly to: Subscriber<T>;
  protected readonly plan: Plan;
  readonly #startedAt: number;
  #headAt = 0;
  #head: Head | undefined;
  #url = '';
  #attempt = 0;

  constructor(plan: Plan, to: Subscriber<T>) {
    this.plan = plan;
    this.to = to;
    this.#startedAt = plan.client.clock.now();
  }

  progress(_event: ProgressEvent): void {}

  uploaded(): void {}

  head(head: Head, url: string, attempt: number): void {
    this.#headAt = this.plan.client.clock.now();
    this.#head = head;
    this.#url = url;
    this.#attempt = attempt;
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
    return { status, headers, url: this.#url, timings, attempts: this.#attempt };
  }
}
