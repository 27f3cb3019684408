import type { Demand, FlowSubscriber } from '../core/demand.js';
import { Flow } from '../core/flow.js';

/** A source that sends only when it is told to, and notes what is asked of it. Sends 1, 2, 3, ... */
export class Upstream implements Demand {
  readonly flow: Flow<number> = new Flow<number>({ subscribe: (to) => this.#subscribe(to) });
  /** Requests that no source may be sent. */
  readonly badRequests: number[] = [];
  /** What was called from within `onComplete` and `onError`. */
  readonly inTerminal: string[] = [];
  subscriptions = 0;
  cancels = 0;
  requested = 0;
  sent = 0;
  /** Called within each request, as a source that answers at once does. */
  onRequest: () => void = () => undefined;
  #to: FlowSubscriber<number> | undefined;
  #inTerminal = false;

  request(n: number): void {
    if (this.#inTerminal) this.inTerminal.push('request');
    if (!(n > 0)) this.badRequests.push(n);
    this.requested += n;
    this.onRequest();
  }

  cancel(): void {
    if (this.#inTerminal) this.inTerminal.push('cancel');
    this.cancels++;
  }

  /** Sends one value; the caller sees to it that one was asked for. */
  send(): void {
    this.#to?.onNext(++this.sent);
  }

  /** Sends one value if one was asked for. */
  answer(): boolean {
    if (this.sent >= this.requested || this.cancels > 0) return false;
    this.send();
    return true;
  }

  complete(): void {
    this.#end((to) => to.onComplete());
  }

  fail(error: unknown): void {
    this.#end((to) => to.onError(error));
  }

  /** Presents a second demand to the same subscriber, which rule 2.5 makes it cancel. */
  presentAgain(demand: Demand): void {
    this.#to?.onSubscribe(demand);
  }

  #subscribe(to: FlowSubscriber<number>): void {
    this.subscriptions++;
    this.#to = to;
    to.onSubscribe(this);
  }

  #end(tell: (to: FlowSubscriber<number>) => void): void {
    const to = this.#to;
    if (!to) return;
    this.#inTerminal = true;
    tell(to);
    this.#inTerminal = false;
  }
}
