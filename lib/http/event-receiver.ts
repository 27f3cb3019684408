import { AnswerReceiver, type EventSink } from './answer-receiver.js';
import type { ApiEvent, ProgressEvent, ResponseInfo } from './answer-types.js';
import type { Plan } from './plan.js';

/** Makes an event of everything: for `events()` and for what runs inside layers. */
export class EventReceiver extends AnswerReceiver<ApiEvent<unknown>> {
  readonly events = true;
  readonly uploads: boolean;
  readonly #room: () => boolean;
  #attempt = 0;

  /**
   * @param uploads - whether the caller itself listens to the progress of uploads
   * @param room - whether there is room for one more value
   */
  constructor(plan: Plan, to: EventSink, uploads = true, room: () => boolean = () => true) {
    super(plan, to);
    this.uploads = uploads;
    this.#room = room;
  }

  override progress(event: ProgressEvent): void {
    this.#attempt = event.attempt;
    this.to.next(event);
  }

  override wanted(): boolean {
    return super.wanted() && this.#room();
  }

  value(value: unknown): void {
    this.to.next({ type: 'value', attempt: this.#attempt, value });
  }

  complete(fallback?: ResponseInfo): void {
    const response = this.info(fallback);
    if (response) this.to.next({ type: 'response', attempt: this.#attempt, response });
    this.to.complete();
  }
}
