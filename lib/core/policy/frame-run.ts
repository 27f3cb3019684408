import type { Observable, Subscriber } from 'rxjs';

import type { Frames } from '../frames.js';
import { overrun, pushOver, type Room } from '../overflow.js';
import { Ring } from '../ring.js';
import { SourceInput, type SourceOwner } from '../source-input.js';

/** How a {@link FrameRun} behaves; shared by all runs of an operator. */
export interface FrameRules extends Room {
  readonly frames: Frames;
}

/** Collects values and sends them once per frame. */
export class FrameRun<T> implements SourceOwner<T> {
  readonly #to: Subscriber<T[]>;
  readonly #rules: FrameRules;
  readonly #input = new SourceInput<T>(this);
  readonly #waiting = new Ring<T>();
  readonly #onFrame = (): void => {
    this.#cancelFrame = undefined;
    this.#flush();
  };
  #cancelFrame: (() => void) | undefined;

  constructor(to: Subscriber<T[]>, rules: FrameRules) {
    this.#to = to;
    this.#rules = rules;
  }

  start(source: Observable<T>): void {
    // Added first, so that a source that emits before `subscribe` returns can be stopped.
    this.#to.add(this);
    source.subscribe(this.#input);
  }

  push(value: T): void {
    const { capacity, overflow, frames } = this.#rules;
    if (this.#waiting.length < capacity) this.#waiting.push(value);
    else if (!pushOver(this.#waiting, value, overflow)) return this.#overrun();
    if (this.#cancelFrame) return;
    const cancel = frames(this.#onFrame);
    // Frames that come at once have sent it already.
    if (this.#waiting.length > 0) this.#cancelFrame = cancel;
  }

  sourceError(error: unknown): void {
    this.#flush();
    this.#to.error(error);
  }

  sourceComplete(): void {
    this.#flush();
    this.#to.complete();
  }

  unsubscribe(): void {
    this.#cancelFrame?.();
    this.#cancelFrame = undefined;
    this.#input.unsubscribe();
    this.#waiting.clear();
  }

  #overrun(): void {
    this.#input.unsubscribe();
    this.sourceError(overrun(this.#rules, 'bufferFrame'));
  }

  #flush(): void {
    const { length } = this.#waiting;
    if (length === 0) return;
    this.#to.next(Array.from({ length }, () => this.#waiting.shift() as T));
  }
}
