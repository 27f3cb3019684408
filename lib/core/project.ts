import type { ObservableInput } from 'rxjs';

import type { Signal } from './signal.js';

/** What a project is told besides its value. */
export interface ProjectContext {
  /** Aborts when the result is no longer wanted; made when it is first read. */
  readonly signal: Signal;
}

/** Starts the work for one value. A promise must be stopped by the signal; a stream is unsubscribed. */
export type Project<T, R> = (value: T, context: ProjectContext) => ObservableInput<R>;

/** A context without an AbortController until somebody asks: making one costs more than most projects do. */
export class LazyContext implements ProjectContext {
  #controller: AbortController | undefined;
  #aborted = false;

  get signal(): Signal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.#aborted) this.#controller.abort();
    }
    return this.#controller.signal;
  }

  abort(): void {
    this.#aborted = true;
    this.#controller?.abort();
  }
}
