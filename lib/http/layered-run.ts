import { badRequest, type Demand, type FlowSubscriber } from '../core/demand.js';
import { reportUnhandled } from '../core/outlet.js';
import type { EventSink } from './answer-receiver.js';
import type { ApiEvent } from './answer-types.js';
import type { Producer } from './receiver.js';

type Event = ApiEvent<unknown>;
type End = (to: FlowSubscriber<Event>) => void;

/** Who has runs inside its layers. */
export interface RunOwner {
  /** Whether one more value may come. */
  room(): boolean;
  left(run: LayeredRun): void;
}

const complete: End = (to) => to.onComplete();

/**
 * One run inside of layers: the source of their stream. It is a Flow's, so that policies, which keep demand, take it
 * as it is: a plain Observable would have to be subscribed to and queued for them, 0.7 us per call.
 *
 * No `Outlet`: its other duties are 0.3 kB that a page would load for nothing.
 */
export class LayeredRun implements Demand, EventSink {
  /** The run that its owner started before, while that is under way. */
  older: LayeredRun | undefined;
  readonly #owner: RunOwner;
  #to: FlowSubscriber<Event> | undefined;
  #producer: Producer | undefined;
  #wanted = 0;
  /** What was not asked for yet: an event or two of a policy's second attempt. */
  #ready: Event[] | undefined;
  #sending = false;
  #end: End | undefined;
  /** The producer was told that there is no room, because of what waits here. */
  #isFull = false;

  constructor(to: FlowSubscriber<Event>, owner: RunOwner, older?: LayeredRun) {
    this.#to = to;
    this.#owner = owner;
    this.older = older;
  }

  get closed(): boolean {
    return !this.#to;
  }

  /** @param make - makes what runs; what it throws fails this run */
  run(make: () => Producer): void {
    try {
      this.#to!.onSubscribe(this);
    } catch (error) {
      this.cancel();
      throw error;
    }
    if (!this.#to) return;
    try {
      this.#producer = make();
    } catch (error) {
      return this.error(error);
    }
    this.#producer.start();
  }

  request(n: number): void {
    const bad = badRequest(n);
    if (bad) {
      // In place of what waits, and of the end behind it.
      this.#ready = undefined;
      const refuse: End = (to) => to.onError(bad);
      this.#end = refuse;
    } else this.#wanted += n;
    this.#drain();
  }

  cancel(): void {
    if (!this.#to) return;
    this.#to = undefined;
    this.#owner.left(this);
    this.#producer?.cancel();
  }

  next(event: Event): void {
    if (!this.#to || this.#end) return;
    // Without the array, in the usual case: V8 took those of many calls for long-lived, and all that hung on them too.
    const isNext = !this.#sending && !this.#ready && this.#wanted > 0;
    if (!isNext) (this.#ready ??= []).push(event);
    this.#drain(isNext ? event : undefined);
  }

  error(error: unknown): void {
    this.#finish((to) => to.onError(error));
  }

  complete(): void {
    this.#finish(complete);
  }

  /** Whether one more value may come. */
  room(): boolean {
    this.#isFull = this.#ready !== undefined;
    return !this.#isFull && this.#owner.room();
  }

  resume(): void {
    this.#producer?.resume();
  }

  #finish(end: End): void {
    this.#end ??= end;
    this.#drain();
  }

  /** Sends what is asked for. A call from within another one does nothing: the outer one goes on. */
  #drain(first?: Event): void {
    if (this.#sending) return;
    this.#sending = true;
    try {
      for (let event = first ?? this.#take(); event; event = this.#take()) {
        this.#wanted--;
        this.#to!.onNext(event);
      }
      if (this.#end && !this.#ready) this.#leave(this.#end);
    } catch (error) {
      // A subscriber must not throw: it is cancelled (Reactive Streams rule 2.13).
      this.cancel();
      reportUnhandled(error);
    }
    this.#sending = false;
    if (!this.#isFull || this.#ready) return;
    this.#isFull = false;
    this.#producer?.resume();
  }

  #take(): Event | undefined {
    if (!this.#to || !this.#ready || this.#wanted <= 0) return undefined;
    const event = this.#ready.shift();
    if (this.#ready.length === 0) this.#ready = undefined;
    return event;
  }

  #leave(end: End): void {
    const to = this.#to;
    this.cancel();
    if (to) end(to);
  }
}
