import { type Observable, Subscriber } from 'rxjs';

import type { FlowSubscriber, Publisher } from './demand.js';
import { Outlet } from './outlet.js';
import { Ring } from './ring.js';

/** Extends Subscriber, because an observer object cannot stop a source that emits before `subscribe` returns. */
class WaitingInput<T> extends Subscriber<T> {
  readonly #owner: Waiting<T>;

  constructor(owner: Waiting<T>) {
    super();
    this.#owner = owner;
  }

  protected override _next(value: T): void {
    this.#owner.push(value);
  }

  // Both clean up first, since what waits may leave late.
  protected override _error(error: unknown): void {
    this.unsubscribe();
    this.#owner.end(error, true);
  }

  protected override _complete(): void {
    this.unsubscribe();
    this.#owner.end(undefined, false);
  }
}

/** Holds what a plain Observable pushes until it is asked for: the queue RxJS's `mergeMap` has, in a ring. */
export class Waiting<T> extends Outlet<T> {
  #waiting: Ring<T> | undefined;
  readonly #input = new WaitingInput<T>(this);

  /** Presents this run, then subscribes to the Observable. */
  startWith(source: Observable<T>): void {
    this.start();
    if (this.isOpen) source.subscribe(this.#input);
  }

  push(value: T): void {
    if (this.pass(value)) return;
    this.waiting.push(value);
    this.drain();
  }

  /** The Observable has ended; what waits still leaves first. */
  end(error: unknown, failed: boolean): void {
    if (failed) this.fail(error);
    else this.complete();
  }

  /** Made when something has to wait: where all was asked for, nothing does. */
  protected get waiting(): Ring<T> {
    return (this.#waiting ??= new Ring<T>());
  }

  protected leaveSource(): void {
    this.#input.unsubscribe();
  }

  protected override get held(): number {
    return this.#waiting ? this.#waiting.length : 0;
  }

  protected override pull(): boolean {
    if (this.held === 0) return false;
    this.emit(this.waiting.shift() as T);
    return true;
  }

  protected override release(): void {
    this.#waiting?.clear();
    this.leaveSource();
  }
}

/** A publisher over a plain Observable, which cannot be held back: what it sends too early waits, without a bound. */
export function waitingPublisher<T>(source: Observable<T>): Publisher<T> {
  return { subscribe: (to: FlowSubscriber<T>) => new Waiting(to).startWith(source) };
}
