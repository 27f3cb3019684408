import { Subscriber } from 'rxjs';

import type { FlowSubscriber } from '../core/demand.js';
import { AbortError, isApiError } from '../core/errors.js';
import { Flow } from '../core/flow.js';
import { isProgress } from '../core/progress.js';
import { Ring } from '../core/ring.js';
import { EventReceiver } from './event-receiver.js';
import { LayeredRun, type RunOwner } from './layered-run.js';
import type { Plan } from './plan.js';
import { summarise } from './plan-facts.js';
import { planned, replan } from './planned-request.js';
import type { Producer, Receiver } from './receiver.js';
import { listen, unlisten } from './signal-hub.js';
import { describe } from './summary.js';
import type { ApiEvent, ProgressEvent, ResponseInfo } from './answer-types.js';
import type { ApiRequest, Handler, Layer } from './types.js';

type Make = (plan: Plan, to: Receiver) => Producer;
type Event = ApiEvent<unknown>;

/**
 * What comes out of layers, given to a receiver.
 *
 * Layers are plain Observables and know no demand. Both ends of them are ours, so demand goes around them: what runs
 * inside them asks `wanted` here before it decodes, and is woken when there is room again.
 */
export class LayeredProducer extends Subscriber<Event> implements Producer, RunOwner {
  readonly #plan: Plan;
  readonly #attempt: number;
  readonly #layers: readonly Layer[];
  readonly #make: Make;
  readonly #to: Receiver;
  readonly #inside: LayeredRun[] = [];
  readonly #values = new Ring<unknown>(4);
  #info: ResponseInfo | undefined;
  #attempts = 0;
  #draining = false;
  /** Tells the end, once what is held has been taken. */
  #end: (() => void) | undefined;

  constructor(plan: Plan, attempt: number, layers: readonly Layer[], make: Make, to: Receiver) {
    super();
    this.#plan = plan;
    this.#attempt = attempt;
    this.#layers = layers;
    this.#make = make;
    this.#to = to;
  }

  start(): void {
    const inner: Handler = (request) => new Flow<Event>({ subscribe: (to) => this.#run(request, to) });
    const handler = this.#layers.reduceRight<Handler>((next, layer) => (request) => layer(request, next), inner);
    const { signal } = this.#plan;
    // Around all layers: they may wait, or answer an abort with something else.
    if (signal && this.#attempt === 0) {
      if (signal.aborted) return this.handleEvent();
      listen(signal, this);
      this.add(() => unlisten(signal, this));
    }
    try {
      handler(planned(this.#plan, this.#attempt)).subscribe(this);
    } catch (error) {
      this.error(error);
    }
  }

  /** The caller's signal fired. */
  handleEvent(): void {
    this.#values.clear();
    this.error(new AbortError(this.#plan.signal?.reason, { attempts: this.#attempts }));
  }

  #run(request: ApiRequest, to: FlowSubscriber<Event>): void {
    const run = new LayeredRun(to, this);
    this.#inside.push(run);
    run.run(() => {
      const plan = replan(request);
      return this.#make(plan, new EventReceiver(plan, run, this.#to.uploads, () => run.room()));
    });
  }

  left(run: LayeredRun): void {
    const index = this.#inside.indexOf(run);
    if (index >= 0) this.#inside.splice(index, 1);
  }

  room(): boolean {
    return this.#values.length === 0 && this.#to.wanted();
  }

  protected override _next(event: Event): void {
    if (event.type === 'response') {
      this.#info = event.response;
      this.#drain();
    } else if (event.type === 'value') {
      this.#values.push(event.value);
      // A single value waits for what comes next, so that layers see the answer end before the subscriber leaves.
      if (this.#plan.decoder.many) this.#drain();
    } else {
      this.#attempts = event.attempt;
      if (event.type === 'upload') this.#to.uploaded();
      if (event.type === 'head' && (this.#plan.anyStatus || (event.status >= 200 && event.status < 300))) {
        const { status, statusText = '', headers, url, attempt } = event;
        this.#to.head({ status, statusText, headers }, url, attempt);
      }
      if (this.#to.events && isProgress(event)) this.#to.progress(event as ProgressEvent);
      this.#drain();
    }
  }

  protected override _error(error: unknown): void {
    this.#end = () => this.#to.error(error);
    if (this.#attempt === 0 && isApiError(error)) describe(error, summarise(this.#plan));
    this.#drain();
  }

  protected override _complete(): void {
    this.#end = () => this.#to.complete(this.#info);
    this.#drain();
  }

  resume(): void {
    this.#drain();
    // A copy: what goes on may end.
    if (this.room()) for (const run of [...this.#inside]) run.resume();
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
    if (this.#values.length > 0 || !this.#end || this.closed) return;
    this.unsubscribe();
    this.#end();
  }
}
