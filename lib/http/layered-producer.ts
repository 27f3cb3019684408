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
  /** What runs inside, as a list, since it is nearly always one. */
  #newest: LayeredRun | undefined;
  /** Values not yet taken: nearly always one at most, so that the others have a ring only if they come. */
  #value: unknown;
  #held = 0;
  #more: Ring<unknown> | undefined;
  #info: ResponseInfo | undefined;
  #attempts = 0;
  #draining = false;
  /** How it ended, told once what is held has been taken. */
  #end: 'complete' | 'error' | undefined;
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
    this.#forget();
    this.error(new AbortError(this.#plan.signal?.reason, { attempts: this.#attempts }));
  }

  #run(request: ApiRequest, to: FlowSubscriber<Event>): void {
    const run = (this.#newest = new LayeredRun(to, this, this.#newest));
    run.run(() => {
      const plan = replan(request);
      return this.#make(plan, new EventReceiver(plan, run, this.#to.uploads, () => run.room()));
    });
  }

  left(run: LayeredRun): void {
    if (this.#newest === run) this.#newest = run.older;
    else for (let one = this.#newest; one; one = one.older) if (one.older === run) one.older = run.older;
  }

  room(): boolean {
    return this.#held === 0 && this.#to.wanted();
  }

  protected override _next(event: Event): void {
    if (event.type === 'response') {
      this.#info = event.response;
      this.#drain();
    } else if (event.type === 'value') {
      if (this.#held++ === 0) this.#value = event.value;
      else (this.#more ??= new Ring(4)).push(event.value);
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
    this.#end = 'error';
    this.#error = error;
    if (this.#attempt === 0 && isApiError(error)) describe(error, summarise(this.#plan));
    this.#drain();
  }

  protected override _complete(): void {
    this.#end = 'complete';
    this.#drain();
  }

  resume(): void {
    this.#drain();
    if (!this.room()) return;
    for (let run = this.#newest; run;) {
      // Read before: what goes on may end.
      const { older } = run;
      run.resume();
      run = older;
    }
  }

  cancel(): void {
    this.#forget();
    this.unsubscribe();
  }

  #drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    while (this.#held > 0 && this.#to.wanted()) this.#to.value(this.#take());
    this.#draining = false;
    if (this.#held > 0 || !this.#end || this.closed) return;
    this.unsubscribe();
    if (this.#end === 'error') this.#to.error(this.#error);
    else this.#to.complete(this.#info);
  }

  #take(): unknown {
    const value = this.#value;
    this.#value = this.#more?.shift();
    this.#held--;
    return value;
  }

  #forget(): void {
    this.#held = 0;
    this.#value = this.#more = undefined;
  }
}
