import { throwError } from 'rxjs';

import { badRequest, type Demand, type FlowSubscriber } from './demand.js';

type State = 'open' | 'complete' | 'failed';

/**
 * Gives an error that nobody can be told of to RxJS's `config.onUnhandledError`, or throws it later, as RxJS does for
 * an observer that throws.
 */
export function reportUnhandled(error: unknown): void {
  throwError(() => error).subscribe();
}

/**
 * The sending half of a run: counts the demand, sends one value at a time and never from within another, ends once,
 * and lets go of the subscriber. What to send is for the subclass to say.
 *
 * Its fields are assigned, for the reason that `Timed` gives.
 */
export abstract class Outlet<T> implements Demand {
  /** @internal */ declare private to: FlowSubscriber<T> | undefined;
  /** @internal */ declare private asked: number;
  /** @internal */ declare private busy: boolean;
  /** @internal */ declare private status: State;
  /** @internal */ declare private failure: unknown;

  constructor(to: FlowSubscriber<T>) {
    this.to = to;
    this.asked = 0;
    this.busy = true;
    this.status = 'open';
    this.failure = undefined;
  }

  /** Sends one value with {@link emit} and returns true, or returns false: there is none now, or this was the last. */
  protected abstract pull(): boolean;
  /** The run is over, by its end or by `cancel`: comes once. */
  protected abstract release(): void;

  /** Nothing more can be sent now, although `wanted` more values may be. */
  protected idle(_wanted: number): void {}

  /** How many values must still leave before the end may: those that `complete` and `fail` wait for. */
  protected get held(): number {
    return 0;
  }

  protected get isOpen(): boolean {
    return this.to !== undefined;
  }

  protected get requested(): number {
    return this.asked;
  }

  /** Presents this run to its subscriber. Comes first; what is asked for within it is sent after it. */
  start(): void {
    try {
      this.to!.onSubscribe(this);
    } catch (error) {
      this.cancel();
      throw error;
    }
    this.busy = false;
    this.drain();
  }

  request(n: number): void {
    if (!this.to) return;
    const bad = badRequest(n);
    if (bad) this.status = 'failed';
    if (bad) this.failure = bad;
    this.asked += bad ? NaN : n; // NaN stays NaN, and nothing more is sent
    this.drain();
  }

  cancel(): void {
    if (!this.to) return;
    this.to = undefined;
    this.release();
  }

  protected emit(value: T): void {
    this.asked--;
    try {
      this.to?.onNext(value);
    } catch (error) {
      // A subscriber that throws is cancelled (Reactive Streams rule 2.13).
      this.cancel();
      reportUnhandled(error);
    }
  }

  /**
   * Sends a value at once, where that is asked for and nothing is before it: without the queue and the {@link pull}
   * that it would go through.
   *
   * @returns whether it did
   */
  protected pass(value: T): boolean {
    if (this.busy || this.status !== 'open' || !(this.asked > 0) || this.held > 0) return false;
    this.busy = true;
    this.emit(value);
    this.busy = false;
    if (this.status !== 'open' || this.held > 0) this.drain();
    else if (this.to) this.idle(this.asked);
    return true;
  }

  protected complete(): void {
    this.#end('complete', undefined);
  }

  protected fail(error: unknown): void {
    this.#end('failed', error);
  }

  /** Sends what can be sent. A call from within another one does nothing: the outer one goes on. */
  protected drain(): void {
    if (this.busy || !this.to) return;
    this.busy = true;
    while (this.asked > 0 && this.to && (this.status === 'open' || this.held > 0) && this.pull());
    if (this.status !== 'open' && !(this.held > 0 && this.asked >= 0)) this.#leave();
    this.busy = false;
    if (this.to && this.status === 'open') this.idle(this.asked);
  }

  #end(state: State, error: unknown): void {
    if (this.status !== 'open') return;
    this.status = state;
    this.failure = error;
    if (this.busy || this.held > 0) this.drain();
    else this.#leave();
  }

  #leave(): void {
    const to = this.to;
    if (!to) return;
    try {
      this.cancel();
      if (this.status === 'failed') to.onError(this.failure);
      else to.onComplete();
    } catch (error) {
      reportUnhandled(error);
    }
  }
}
