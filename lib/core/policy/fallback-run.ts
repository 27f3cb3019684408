import type { ObservableInput } from 'rxjs';

import type { Clock } from '../clock.js';
import type { FlowSubscriber, Publisher } from '../demand.js';
import { subscribeInner } from '../inner.js';
import { isProgress } from '../progress.js';
import { LazyContext, type ProjectContext } from '../project.js';
import { isWatched, tell } from './policy-events.js';
import { Relay } from './relay.js';

/** How a {@link FallbackRun} behaves; shared by all runs of an operator. */
export interface FallbackRules<T> {
  readonly project: (error: unknown, context: ProjectContext) => ObservableInput<T>;
  readonly when: (error: unknown) => boolean;
  readonly name: string | undefined;
  readonly clock: Clock;
}

/** Runs something else when a source fails before its first value. */
export class FallbackRun<T> extends Relay<T> {
  readonly #rules: FallbackRules<T>;
  #state: 'trying' | 'committed' | 'fallback' = 'trying';
  #error: unknown;
  #context: LazyContext | undefined;

  constructor(source: Publisher<T>, to: FlowSubscriber<T>, rules: FallbackRules<T>) {
    super(source, to);
    this.#rules = rules;
  }

  override onNext(value: T): void {
    if (this.#state === 'trying' && !isProgress(value)) this.#state = 'committed';
    super.onNext(value);
  }

  override onError(error: unknown): void {
    if (!this.ended()) return;
    if (this.#state === 'fallback') return super.onError(because(this.#error, error));
    try {
      if (this.#state === 'committed' || !this.#rules.when(error)) return super.onError(error);
    } catch (thrown) {
      return super.onError(because(error, thrown));
    }
    this.#state = 'fallback';
    this.#error = error;
    this.#fallBack();
  }

  override cancel(): void {
    this.#context?.abort();
    super.cancel();
  }

  #fallBack(): void {
    const { project, name, clock } = this.#rules;
    if (isWatched()) tell({ type: 'fallback', policy: 'fallbackTo', name, atMs: clock.now(), error: this.#error });
    // Whoever listens may have cancelled.
    if (!this.to) return;
    this.#context = new LazyContext();
    let input: ObservableInput<T>;
    try {
      input = project(this.#error, this.#context);
    } catch (thrown) {
      return super.onError(because(this.#error, thrown));
    }
    subscribeInner(input, this);
  }
}

/** Keeps the first error as the cause of the second one, the same object, where that has none of its own. */
function because(first: unknown, second: unknown): unknown {
  const isOpen = second instanceof Error && second !== first && !('cause' in second) && Object.isExtensible(second);
  if (isOpen) Object.defineProperty(second, 'cause', { value: first, writable: true, configurable: true });
  return second;
}
