import type { Subscriber } from 'rxjs';

import type { Head } from '../core/wire.js';
import { AnswerInfo } from './answer-info.js';
import type { Plan } from './plan.js';
import type { Receiver } from './receiver.js';
import type { ApiEvent, ProgressEvent, ResponseInfo } from './answer-types.js';

/** Makes an event of everything: for `events()` and for what runs inside layers. */
export class EventReceiver implements Receiver {
  readonly events = true;
  readonly uploads: boolean;
  readonly wanted: () => boolean;
  readonly #to: Subscriber<ApiEvent<unknown>>;
  readonly #answer: AnswerInfo;
  #attempt = 0;

  /**
   * @param uploads - whether the caller itself listens to the progress of uploads
   * @param wanted - whether there is room for one more value
   */
  constructor(plan: Plan, to: Subscriber<ApiEvent<unknown>>, uploads: boolean, wanted: () => boolean) {
    this.#to = to;
    this.uploads = uploads;
    this.wanted = wanted;
    this.#answer = new AnswerInfo(plan.client.clock);
  }

  progress(event: ProgressEvent): void {
    this.#attempt = event.attempt;
    this.#to.next(event);
  }

  uploaded(): void {}

  head(head: Head, url: string, attempt: number): void {
    this.#answer.head(head, url, attempt);
  }

  value(value: unknown): void {
    this.#to.next({ type: 'value', attempt: this.#attempt, value });
  }

  complete(info?: ResponseInfo): void {
    const response = this.#answer.read(info);
    if (response) this.#to.next({ type: 'response', attempt: this.#attempt, response });
    this.#to.complete();
  }

  error(error: unknown): void {
    this.#to.error(error);
  }
}
