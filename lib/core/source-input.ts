import { Subscriber } from 'rxjs';

/** Who is fed by a source. */
export interface SourceOwner<T> {
  push(value: T): void;
  sourceError(error: unknown): void;
  sourceComplete(): void;
}

/** Extends Subscriber, because an observer object cannot stop a source that emits before `subscribe` returns. */
export class SourceInput<T> extends Subscriber<T> {
  readonly #owner: SourceOwner<T>;

  constructor(owner: SourceOwner<T>) {
    super();
    this.#owner = owner;
  }

  protected override _next(value: T): void {
    this.#owner.push(value);
  }

  protected override _error(error: unknown): void {
    this.#owner.sourceError(error);
  }

  protected override _complete(): void {
    this.unsubscribe();
    this.#owner.sourceComplete();
  }
}
