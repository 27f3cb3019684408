/** Who has items: one subscription. */
export interface ItemOwner {
  /** One of its items is done or has failed. */
  advance(): void;
}

/** The batch that an item is in. */
interface Container<T, R> {
  leave(item: BatchItem<T, R>): void;
}

type State = 'waiting' | 'done' | 'failed' | 'left';

/** One value of a source, on its way to a batch and back. */
export class BatchItem<T, R> {
  readonly value: T;
  state: State = 'waiting';
  result: R | undefined;
  error: unknown;
  batch: Container<T, R> | undefined;
  readonly #owner: ItemOwner;

  constructor(owner: ItemOwner, value: T) {
    this.#owner = owner;
    this.value = value;
  }

  /** Takes its result; an `Error` is this value's own. */
  settle(result: R | Error): void {
    if (result instanceof Error) return this.fail(result);
    if (this.state !== 'waiting') return;
    this.state = 'done';
    this.result = result;
    this.#owner.advance();
  }

  fail(error: unknown): void {
    if (this.state !== 'waiting') return;
    this.state = 'failed';
    this.error = error;
    this.#owner.advance();
  }

  leave(): void {
    if (this.state !== 'waiting') return;
    this.state = 'left';
    this.batch?.leave(this);
  }
}
