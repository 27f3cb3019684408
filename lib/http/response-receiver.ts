import { ProtocolError } from '../core/answer-errors.js';
import { AnswerReceiver } from './answer-receiver.js';
import type { ApiResponse, ResponseInfo } from './answer-types.js';

/** Gathers a whole answer: for `response()`. */
export class ResponseReceiver extends AnswerReceiver<ApiResponse<unknown>> {
  readonly events = false;
  readonly uploads = false;
  readonly #values: unknown[] = [];

  value(value: unknown): void {
    this.#values.push(value);
  }

  complete(fallback?: ResponseInfo): void {
    const info = this.info(fallback);
    if (!info) return this.error(new ProtocolError('a layer completed the call without an answer'));
    this.to.next({ ...info, body: this.plan.decoder.many ? this.#values : this.#values[0] });
    this.to.complete();
  }
}
