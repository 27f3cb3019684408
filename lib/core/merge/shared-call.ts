import type { Demand, FlowSubscriber } from '../demand.js';
import { subscribeInner } from '../inner.js';
import { reportUnhandled } from '../outlet.js';
import { isProgress } from '../progress.js';
import { LazyContext, type Project } from '../project.js';
import type { Joinable, Waiter } from './waiter.js';

/** Values that may be on their way to the slowest waiter, and how many of them are left when more are asked for. */
const WINDOW = 16;
const LOW_TIDE = 4;

/** Who hears that nobody can join a call any more, or that somebody left it. */
export interface CallHost<R> {
  closed(call: SharedCall<R>): void;
  changed(): void;
}

/**
 * One call for all who asked for the same. It belongs to none of them: whoever asked first may leave like any other,
 * and the last one to leave cancels it.
 */
export class SharedCall<R> implements FlowSubscriber<R>, Joinable<R> {
  readonly key: unknown;
  readonly #host: CallHost<R>;
  readonly #context = new LazyContext();
  // A Set, since any of them may leave, or another come, while they are told.
  readonly #waiters = new Set<Waiter<R>>();
  #demand: Demand | undefined;
  #over = false;
  #isOpen = true;
  #received = 0;
  #asked = 0;
  /** Waiters that have not taken enough yet for more to be asked for: the slowest one sets the pace. */
  #behind = 0;

  constructor(key: unknown, host: CallHost<R>) {
    this.key = key;
    this.#host = host;
  }

  get waiting(): number {
    return this.#waiters.size;
  }

  start<T>(project: Project<T, R>, value: T): void {
    if (this.#over) return;
    try {
      // Also subscribed when everyone has left meanwhile: a promise's rejection must not count as unhandled.
      subscribeInner(project(value, this.#context), this);
    } catch (error) {
      this.onError(error);
    }
  }

  add(waiter: Waiter<R>): void {
    waiter.taken = this.#received;
    this.#waiters.add(waiter);
    if (this.#isBehind(waiter)) this.#behind++;
  }

  took(waiter: Waiter<R>): void {
    waiter.taken++;
    if (waiter.taken === this.#asked - LOW_TIDE && --this.#behind === 0) this.#replenish();
  }

  leave(waiter: Waiter<R>): void {
    if (!this.#waiters.delete(waiter)) return;
    const wasBehind = this.#isBehind(waiter) && --this.#behind === 0;
    if (this.#waiters.size === 0) this.#cancel();
    else if (wasBehind) this.#replenish();
    if (this.#isOpen) this.#host.changed();
  }

  onSubscribe(demand: Demand): void {
    if (this.#over || this.#demand) return demand.cancel();
    this.#demand = demand;
    this.#ask(WINDOW);
  }

  onNext(value: R): void {
    if (this.#over) return;
    const before = this.#received++;
    // Nobody joins an answer that has begun: what came later would be half an answer.
    if (!isProgress(value)) this.#close();
    for (const waiter of this.#waiters) {
      // One that has joined while the others were told of a progress event has missed it.
      if (waiter.taken + waiter.held === before) waiter.take(value);
    }
  }

  onError(error: unknown): void {
    for (const waiter of this.#end()) waiter.failed(error);
  }

  onComplete(): void {
    for (const waiter of this.#end()) waiter.completed();
  }

  /** Closed before anyone is told: who asks again in the answer's own turn asks anew. */
  #end(): Iterable<Waiter<R>> {
    if (this.#over) return [];
    this.#over = true;
    this.#close();
    return this.#waiters;
  }

  #cancel(): void {
    if (this.#over) return;
    this.#over = true;
    this.#close();
    try {
      this.#context.abort();
      this.#demand?.cancel();
    } catch (error) {
      // Whoever leaves has other calls to leave too.
      reportUnhandled(error);
    }
  }

  #close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#host.closed(this);
  }

  #isBehind(waiter: Waiter<R>): boolean {
    return waiter.taken < this.#asked - LOW_TIDE;
  }

  #replenish(): void {
    if (!this.#over) this.#ask(WINDOW - LOW_TIDE);
  }

  #ask(n: number): void {
    this.#asked += n;
    // All have taken less than was asked for before, which is more than a low tide away from what is now.
    this.#behind = this.#waiters.size;
    this.#demand!.request(n);
  }
}
