import { Observable, Subscriber } from 'rxjs';

import { LimitError, ProtocolError } from '../core/answer-errors.js';
import { PROGRESS } from '../core/progress.js';
import type { ApiEvent, ApiResponse, ResponseInfo } from '../http/answer-types.js';
import type { Call } from '../http/call.js';
import type { Plan } from '../http/plan.js';
import { summarise } from '../http/plan-facts.js';
import type { PageEvent, PageHappening } from './page.js';
import { streamError } from './stream-error.js';

/** One page that is asked for. */
export interface PageAsked<C> {
  readonly call: Call<unknown>;
  readonly plan: Plan;
  readonly page: number;
  readonly cursor: C | undefined;
  readonly tell: (event: PageEvent<C>) => void;
}

/** Puts the events of a page's call together to its answer, and tells of each attempt but the first. */
class AnswerSubscriber<C> extends Subscriber<ApiEvent<unknown>> {
  readonly #to: Subscriber<ApiResponse<unknown>>;
  readonly #asked: PageAsked<C>;
  readonly #values: unknown[] = [];
  #attempt = 1;
  #info: ResponseInfo | undefined;

  constructor(to: Subscriber<ApiResponse<unknown>>, asked: PageAsked<C>) {
    super(to);
    this.#to = to;
    this.#asked = asked;
  }

  protected override _next(event: ApiEvent<unknown>): void {
    if (event.type === 'value') return void this.#values.push(event.value);
    if (event.type === 'response') return void (this.#info = event.response);
    const { attempt } = event;
    if (event.type === 'download') return this.#bound(event.loaded, attempt);
    if (attempt > this.#attempt) tellPage(this.#asked, (this.#attempt = attempt), { type: 'connecting' });
    if (event.type !== 'retry') return;
    tellPage(this.#asked, attempt, { type: 'waiting', delayMs: event.delayMs, cause: event.error });
  }

  /** Values are gathered within the limit of a whole body, as `response()` does. */
  #bound(loaded: number, attempt: number): void {
    const { plan } = this.#asked;
    const { bodyBytes } = plan.limits;
    if (!plan.decoder.many || loaded <= bodyBytes) return;
    const error = new LimitError('bodyBytes', bodyBytes, 'too many bytes to gather in one page');
    this.error(streamError(error, summarise(plan), attempt));
  }

  protected override _complete(): void {
    const values = this.#values;
    const body = this.#asked.plan.decoder.many ? values : values[0];
    if (this.#info) this.#to.next({ ...this.#info, body });
    else this.#to.error(new ProtocolError('a layer completed the call without an answer'));
    this.#to.complete();
  }
}

/** Makes an event of what happened to a page, and tells it. */
export function tellPage<C>(
  { plan, page, cursor, tell }: PageAsked<C>,
  attempt: number,
  happening: PageHappening<C>,
): void {
  tell({ ...happening, page, attempt, sinceMs: plan.client.clock.now(), cursor, [PROGRESS]: true });
}

/** The whole answer, as `response()` gives it, of a call whose further attempts are told. */
export function toldAnswer<C>(asked: PageAsked<C>): Observable<ApiResponse<unknown>> {
  return new Observable((to) => asked.call.events().subscribe(new AnswerSubscriber(to, asked)));
}
