import { Observable, Subscriber } from 'rxjs';

import { PROGRESS } from '../core/progress.js';
import { Ring } from '../core/ring.js';
import { EventReceiver } from './event-receiver.js';
import type { Plan } from './plan.js';
import { planned, replan } from './planned-request.js';
import type { Producer, Receiver } from './receiver.js';
import type { ApiEvent, Handler, Layer, ProgressEvent, ResponseInfo } from './types.js';

type Make = (plan: Plan, to: Receiver) => Producer;
type Event = ApiEvent<unknown>;
type HeadEvent = Extract<ProgressEvent, { type: 'head' }>;

/**
 * What comes out of layers, given to a receiver.
 *
 * Layers are plain Observables and know no demand. Both ends of them are ours, so demand goes around them: what runs
 * inside them asks `wanted` here before it decodes, and is woken when there is room again.
 */
export class LayeredProducer extends Subscriber<Event> implements Producer {
  readonly #plan: Plan;
  readonly #attempt: number;
  readonly #layers: readonly Layer[];
  readonly #make: Make;
  readonly #to: Receiver;
  readonly #inside = new Set<Producer>();
  readonly #values = new Ring<unknown>(4);
  #info: ResponseInfo | undefined;
  #draining = false;
  #end: 'open' | 'complete' | 'error' = 'open';
  #error: unknown;

  constructor(plan: Plan, attempt: number, layers: readonly Layer[], make: Make, to: Receiver) {
    super();
    this.#plan = plan;
    this.#attempt = attempt;
    this.#layers = layers;
    this.#make = make;
    this.#to = to;
  }

  start(): void {
    const inner: Handler = (request) => new Observable<Event>((subscriber) => this.#run(replan(request), subscriber));
    const handler = this.#layers.reduceRight<Handler>((next, layer) => (request) => layer(request, next), inner);
    try {
      handler(planned(this.#plan, this.#attempt)).subscribe(this);
    } catch (error) {
      this.error(error);
    }
  }

  #run(plan: Plan, subscriber: Subscriber<Event>): () => void {
    const receiver = new EventReceiver(plan, subscriber, () => this.#room());
    const producer = this.#make(plan, receiver);
    this.#inside.add(producer);
    producer.start();
    return () => {
      this.#inside.delete(producer);
      producer.cancel();
    };
  }

  #room(): boolean {
    return this.#values.length === 0 && this.#to.wanted();
  }

  protected override _next(event: Event): void {
    if (event.type === 'response') {
      this.#info = event.response;
    } else if (event.type === 'value') {
      this.#values.push(event.value);
      this.#drain();
    } else {
      if (event.type === 'upload') this.#to.uploaded();
      if (event.type === 'head' && event.status >= 200 && event.status < 300) this.#head(event);
      if (this.#to.events && PROGRESS in event) this.#to.progress(event);
    }
  }

  #head({ status, headers, url, attempt }: HeadEvent): void {
    this.#to.head({ status, statusText: '', headers }, url, attempt);
  }

  protected override _error(error: unknown): void {
    this.#end = 'error';
    this.#error = error;
    this.#drain();
  }

  protected override _complete(): void {
    this.#end = 'complete';
    this.#drain();
  }

  resume(): void {
    this.#drain();
    if (this.#room()) for (const producer of this.#inside) producer.resume();
  }

  cancel(): void {
    this.#values.clear();
    this.unsubscribe();
  }

  #drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    while (this.#values.length > 0 && this.#to.wanted()) this.#to.value(this.#values.shift());
    this.#draining = false;
    if (this.#values.length > 0 || this.#end === 'open' || this.closed) return;
    this.unsubscribe();
    if (this.#end === 'error') this.#to.error(this.#error);
    else this.#to.complete(this.#info);
  }
}
