import type { Demand, FlowSubscriber } from '../core/demand.js';
import { AbortError, isApiError } from '../core/errors.js';
import { FLOW, Flow, isFlow } from '../core/flow.js';
import { isProgress } from '../core/progress.js';
import { Ring } from '../core/ring.js';
import type { ApiEvent, ProgressEvent, ResponseInfo } from './answer-types.js';
import { EventReceiver } from './event-receiver.js';
import { LayeredRun, type RunOwner } from './layered-run.js';
import type { Plan } from './plan.js';
import { summarise } from './plan-facts.js';
import { PlainLayer } from './plain-layer.js';
import { planned, replan } from './planned-request.js';
import type { Producer, Receiver } from './receiver.js';
import { listen, unlisten } from './signal-hub.js';
import { describe } from './summary.js';
import type { AbortSignalLike, ApiRequest, Handler, Layer } from './types.js';

type Make = (plan: Plan, to: Receiver) => Producer;
type Event = ApiEvent<unknown>;

/**
 * What comes out of layers, given to a receiver.
 *
 * Layers may be plain Observables and know no demand. Both ends of them are ours, so demand goes around them: what runs
 * inside them asks `wanted` here before it decodes, and is woken when there is room again.
 */
export class LayeredProducer implements Producer, RunOwner, FlowSubscriber<Event> {
  readonly #plan: Plan;
  readonly #attempt: number;
  readonly #layers: readonly Layer[];
  readonly #make: Make;
  readonly #to: Receiver;
  /** The caller's, where these are the outer layers. */
  readonly #signal: AbortSignalLike | undefined;
  /** Of the outermost layer, while it runs. */
  #demand: Demand | undefined;
  /** What runs inside, as a list, since it is nearly always one. */
  #newest: LayeredRun | undefined;
  /** Values not yet taken: nearly always one at most, so that the others have a ring only if they come. */
  #value: unknown;
  #held = 0;
  #more: Ring<unknown> | undefined;
  #info: ResponseInfo | undefined;
  #attempts = 0;
  #draining = false;
  /** How the layers ended is told once what is held has been taken. */
  #state: 'open' | 'complete' | 'error' | 'over' = 'open';
  #error: unknown;

  constructor(plan: Plan, attempt: number, layers: readonly Layer[], make: Make, to: Receiver) {
    this.#plan = plan;
    this.#attempt = attempt;
    this.#layers = layers;
    this.#make = make;
    this.#to = to;
    this.#signal = attempt === 0 ? plan.signal : undefined;
  }

  start(): void {
    const inner: Handler = (request) => new Flow<Event>({ subscribe: (to) => this.#run(request, to) });
    const handler = this.#layers.reduceRight<Handler>((next, layer) => (request) => layer(request, next), inner);
    // Around all layers: they may wait, or answer an abort with something else.
    if (this.#signal?.aborted) return this.handleEvent();
    if (this.#signal) listen(this.#signal, this);
    try {
      const outermost = handler(planned(this.#plan, this.#attempt));
      if (isFlow(outermost)) outermost[FLOW].subscribe(this);
      else outermost.subscribe(new PlainLayer(this));
    } catch (error) {
      this.onError(error);
    }
  }

  /** The caller's signal fired. */
  handleEvent(): void {
    this.#forget();
    this.onError(new AbortError(this.#signal?.reason, { attempts: this.#attempts }));
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

  onSubscribe(demand: Demand): void {
    if (this.#state !== 'open' || this.#demand) return demand.cancel();
    this.#demand = demand;
    demand.request(Infinity);
  }

  onNext(event: Event): void {
    if (this.#state !== 'open') return;
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

  onError(error: unknown): void {
    if (this.#state !== 'open') return;
    this.#error = error;
    if (this.#attempt === 0 && isApiError(error)) describe(error, summarise(this.#plan));
    this.#state = 'error';
    this.#drain();
  }

  onComplete(): void {
    if (this.#state !== 'open') return;
    this.#state = 'complete';
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
    this.#leave();
  }

  #drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    while (this.#held > 0 && this.#to.wanted()) this.#to.value(this.#take());
    this.#draining = false;
    const state = this.#state;
    if (this.#held > 0 || state === 'open' || state === 'over') return;
    this.#leave();
    if (state === 'error') this.#to.error(this.#error);
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

  #leave(): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    if (this.#signal) unlisten(this.#signal, this);
    this.#demand?.cancel();
  }
}
