import type { Observable, Subscriber } from 'rxjs';

import type { Clock } from '../clock.js';
import { type CallOwner, HeldCall } from '../held-call.js';
import type { Project } from '../project.js';
import { SourceInput, type SourceOwner } from '../source-input.js';

/** How a {@link ThrottleRun} behaves; shared by all runs of an operator. */
export interface ThrottleRules<T, R> {
  readonly project: Project<T, R>;
  readonly windowMs: number;
  readonly leading: boolean;
  readonly trailing: boolean;
  readonly clock: Clock;
}

/** Timers may fire a fraction of a millisecond early: a second one for the rest would cost more than it mends. */
const GRACE_MS = 1;

/**
 * Runs one call at a time and starts at most one per window, for the newest value there is.
 *
 * A value that comes while another one waits takes its place, and costs neither a look at the clock nor a timer.
 */
export class ThrottleRun<T, R> implements CallOwner<R>, SourceOwner<T> {
  readonly #to: Subscriber<R>;
  readonly #rules: ThrottleRules<T, R>;
  readonly #input = new SourceInput<T>(this);
  readonly #onTimer = (): void => this.#look();
  #cancelTimer: (() => void) | undefined;
  #windowEndMs = -Infinity;
  #sourceOver = false;
  #waits = false;
  #waiting: T | undefined;
  #call: HeldCall<R> | undefined;

  constructor(to: Subscriber<R>, rules: ThrottleRules<T, R>) {
    this.#to = to;
    this.#rules = rules;
  }

  start(source: Observable<T>): void {
    // Added first, so that a source that emits before `subscribe` returns can be stopped.
    this.#to.add(this);
    source.subscribe(this.#input);
  }

  push(value: T): void {
    if (this.#waits) {
      this.#waiting = value;
      return;
    }
    const { leading, trailing, windowMs, clock } = this.#rules;
    const nowMs = clock.now();
    const isQuiet = !this.#call && nowMs >= this.#windowEndMs;
    if (isQuiet && leading) return this.#run(value, nowMs);
    if (!trailing) return;
    if (isQuiet) this.#windowEndMs = nowMs + windowMs;
    this.#waits = true;
    this.#waiting = value;
    this.#wait(nowMs);
  }

  sourceError(error: unknown): void {
    this.#to.error(error);
  }

  sourceComplete(): void {
    this.#sourceOver = true;
    this.#endIfDone();
  }

  isWanted(): boolean {
    return true;
  }

  callNext(value: R): void {
    this.#to.next(value);
  }

  callError(error: unknown): void {
    this.#call = undefined;
    this.#to.error(error);
  }

  callComplete(): void {
    this.#call = undefined;
    if (this.#waits) this.#look();
    else this.#endIfDone();
  }

  unsubscribe(): void {
    this.#forget();
    this.#cancelTimer?.();
    this.#input.unsubscribe();
    const call = this.#call;
    this.#call = undefined;
    call?.cancel();
  }

  /** The window may be over, or the call: the value that waits is used when both are. */
  #look(): void {
    const nowMs = this.#rules.clock.now();
    if (nowMs <= this.#windowEndMs - GRACE_MS) return this.#wait(nowMs);
    this.#stopTimer();
    if (this.#waits && !this.#call) this.#run(this.#waiting as T, nowMs);
  }

  #wait(nowMs: number): void {
    const leftMs = this.#windowEndMs - nowMs;
    if (leftMs <= 0) return; // for the call alone
    this.#stopTimer();
    this.#cancelTimer = this.#rules.clock.after(leftMs, this.#onTimer);
  }

  #stopTimer(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  #run(value: T, nowMs: number): void {
    this.#forget();
    this.#windowEndMs = nowMs + this.#rules.windowMs;
    this.#call = new HeldCall<R>(this);
    this.#call.start(this.#rules.project, value);
  }

  #forget(): void {
    this.#waits = false;
    this.#waiting = undefined;
  }

  #endIfDone(): void {
    if (this.#sourceOver && !this.#call && !this.#waits) this.#to.complete();
  }
}
