import { Observable, Subscriber } from 'rxjs';

import type { Demand, FlowSubscriber } from './demand.js';
import { isFlow } from './flow.js';
import { subscribeInner } from './inner.js';
import { reportUnhandled } from './outlet.js';
import { LazyContext, type Project } from './project.js';
import { Ring } from './ring.js';

/** Values that a stream may send ahead of its turn. */
export const AHEAD = 16;

type State = 'running' | 'complete' | 'failed' | 'dropped';

/** Who runs slots. */
export interface SlotOwner<R> {
  /** The slot has something new: a value, or its end. */
  advance(slot: Slot<R>): void;
  /** The slot failed. */
  cut(slot: Slot<R>): void;
}

/**
 * The place of one source value in the order: runs its stream and holds what comes before its turn.
 *
 * Slots are linked rather than kept in an array or an RxJS `Subscription`, where leaving takes a search: a hundred
 * thousand live streams closing in their order cost RxJS's `mergeMap` 79 us each.
 */
export class Slot<R> implements FlowSubscriber<R> {
  next: Slot<R> | undefined;
  state: State = 'running';
  error: unknown;
  /** Values asked for and not yet here. */
  asked = 0;
  /** When it was started; for limits that adapt. */
  sinceMs = 0;
  /** Values that wait for their turn: the first one here, others in the ring. */
  held = 0;
  #first: R | undefined;
  #others: Ring<R> | undefined;
  readonly #owner: SlotOwner<R>;
  #context: LazyContext | undefined;
  #demand: Demand | undefined;
  #input: SlotInput<R> | undefined;
  // Made once per slot and used again with it: a promise then costs no closure.
  #resolved: ((value: R) => void) | undefined;
  #rejected: ((error: unknown) => void) | undefined;

  constructor(owner: SlotOwner<R>) {
    this.#owner = owner;
  }

  run<T>(project: Project<T, R>, value: T): void {
    this.#context = new LazyContext();
    try {
      const input = project(value, this.#context);
      // Also listened to when the project cancelled everything, or its rejection would count as unhandled.
      if (input instanceof Promise) this.#listen(input);
      else if (this.state !== 'running') return;
      else if (input instanceof Observable && !isFlow(input)) this.#subscribe(input);
      else subscribeInner(input, this);
    } catch (error) {
      this.onError(error);
    }
  }

  /** Takes the value that waited longest. */
  shift(): R {
    const value = this.#first as R;
    this.#first = --this.held > 0 ? this.#others!.shift() : undefined;
    return value;
  }

  ask(n: number): void {
    this.asked += n;
    this.#demand?.request(n);
  }

  onSubscribe(demand: Demand): void {
    if (this.state !== 'running' || this.#demand) return demand.cancel();
    this.#demand = demand;
    this.ask(AHEAD);
  }

  onNext(value: R): void {
    if (this.state !== 'running') return;
    this.asked--;
    this.#hold(value);
    this.#owner.advance(this);
  }

  onError(error: unknown): void {
    if (this.state !== 'running') return;
    this.state = 'failed';
    this.error = error;
    this.#owner.cut(this);
  }

  onComplete(): void {
    if (this.state !== 'running') return;
    this.state = 'complete';
    this.#owner.advance(this);
  }

  drop(): void {
    if (this.state !== 'running') return;
    this.state = 'dropped';
    try {
      this.#context?.abort();
      this.#demand?.cancel();
      this.#input?.unsubscribe();
    } catch (error) {
      // The other slots must be dropped too.
      reportUnhandled(error);
    }
  }

  /** Makes the slot ready for another value. @returns false when something may still signal to it */
  reuse(): boolean {
    // A promise settles once; a foreign publisher might break the rules.
    if (this.#demand || this.#input) return false;
    this.state = 'running';
    this.asked = 0;
    this.#context = undefined;
    return true;
  }

  #hold(value: R): void {
    if (this.held++ === 0) this.#first = value;
    else (this.#others ??= new Ring<R>()).push(value);
  }

  #listen(promise: Promise<R>): void {
    if (!this.#resolved) {
      const resolved = (value: R): void => {
        this.#hold(value);
        this.onComplete();
      };
      const rejected = (error: unknown): void => this.onError(error);
      this.#resolved = resolved;
      this.#rejected = rejected;
    }
    promise.then(this.#resolved, this.#rejected);
  }

  /** Without the queue that `subscribeInner` would put in between: what comes early waits here. */
  #subscribe(source: Observable<R>): void {
    this.#input = new SlotInput(this);
    source.subscribe(this.#input);
  }
}

/** Extends Subscriber, because an observer object cannot stop a source that emits before `subscribe` returns. */
class SlotInput<R> extends Subscriber<R> {
  readonly #slot: Slot<R>;

  constructor(slot: Slot<R>) {
    super();
    this.#slot = slot;
  }

  protected override _next(value: R): void {
    this.#slot.onNext(value);
  }

  // Both clean up first: the place goes to the next stream, which may need what this one holds.
  protected override _error(error: unknown): void {
    this.unsubscribe();
    this.#slot.onError(error);
  }

  protected override _complete(): void {
    this.unsubscribe();
    this.#slot.onComplete();
  }
}
