import type { Subscriber } from 'rxjs';

import { ProtocolError } from '../core/answer-errors.js';
import type { Head } from '../core/wire.js';
import { AnswerInfo } from './answer-info.js';
import type { Plan } from './plan.js';
import type { Receiver } from './receiver.js';
import type { ApiResponse, ResponseInfo } from './answer-types.js';

/** Gathers a whole answer: for `response()`. */
export class ResponseReceiver implements Receiver {
  readonly events = false;
  readonly uploads = false;
  readonly #to: Subscriber<ApiResponse<unknown>>;
  readonly #many: boolean;
  readonly #answer: AnswerInfo;
  readonly #values: unknown[] = [];

  constructor(plan: Plan, to: Subscriber<ApiResponse<unknown>>) {
    this.#to = to;
    this.#many = plan.decoder.many;
    this.#answer = new AnswerInfo(plan.client.clock);
  }

  progress(): void {}

  uploaded(): void {}

  head(head: Head, url: string, attempt: number): void {
    this.#answer.head(head, url, attempt);
  }

  wanted(): boolean {
    return !this.#to.closed;
  }

  value(value: unknown): void {
    this.#values.push(value);
  }

  complete(fallback?: ResponseInfo): void {
    const info = this.#answer.read(fallback);
    if (!info) return this.#to.error(new ProtocolError('a layer completed the call without an answer'));
    const { status, headers, url, timings, attempts } = info;
    const body = this.#many ? this.#values : this.#values[0];
    this.#to.next({ status, headers, url, timings, attempts, body });
    this.#to.complete();
  }

  error(error: unknown): void {
    this.#to.error(error);
  }
}
