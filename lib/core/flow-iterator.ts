import { type Demand, type FlowSubscriber, type Publisher } from './demand.js';
import { Ring } from './ring.js';

/** Values asked for ahead of the loop, and how few of them are left when more are asked for: 25 %. */
const WINDOW = 16;
const LOW_TIDE = 4;

type Step<T> = IteratorResult<T, undefined>;
interface Waiter<T> {
  resolve(step: Step<T>): void;
  reject(error: unknown): void;
}

class FlowIterator<T> implements FlowSubscriber<T>, AsyncIterableIterator<T, undefined> {
  #publisher: Publisher<T> | undefined;
  /** Values that nobody asked for yet, or those who ask and have none: never both. */
  readonly #queue = new Ring<T | Waiter<T>>(WINDOW);
  #hungry = false;
  #demand: Demand | undefined;
  #asked = 0;
  #over = false;
  #failure: { readonly error: unknown } | undefined;

  constructor(publisher: Publisher<T>) {
    this.#publisher = publisher;
  }

  onSubscribe(demand: Demand): void {
    if (this.#demand || this.#over) return demand.cancel();
    this.#demand = demand;
    this.#replenish();
  }

  onNext(value: T): void {
    if (this.#over) return;
    this.#asked--;
    const waiter = this.#waiter();
    if (!waiter) return this.#queue.push(value);
    waiter.resolve({ done: false, value });
    this.#replenish();
  }

  onError(error: unknown): void {
    if (this.#over) return;
    const waiter = this.#waiter();
    if (waiter) waiter.reject(error);
    else this.#failure = { error };
    this.#finish();
  }

  onComplete(): void {
    if (!this.#over) this.#finish();
  }

  next(): Promise<Step<T>> {
    const publisher = this.#publisher;
    this.#publisher = undefined;
    publisher?.subscribe(this);
    if (!this.#hungry && this.#queue.length > 0) {
      const value = this.#queue.shift() as T;
      this.#replenish();
      return Promise.resolve({ done: false, value });
    }
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure) return Promise.reject(failure.error);
    if (this.#over) return Promise.resolve({ done: true, value: undefined });
    this.#hungry = true;
    return new Promise<Step<T>>((resolve, reject) => this.#queue.push({ resolve, reject }));
  }

  return(): Promise<Step<T>> {
    const demand = this.#demand;
    this.#failure = undefined;
    this.#finish();
    this.#queue.clear();
    demand?.cancel();
    return Promise.resolve({ done: true, value: undefined });
  }

  throw(error: unknown): Promise<Step<T>> {
    void this.return();
    return Promise.reject(error);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #replenish(): void {
    const held = this.#asked + (this.#hungry ? 0 : this.#queue.length);
    if (held > LOW_TIDE || !this.#demand) return;
    this.#asked += WINDOW - held;
    this.#demand.request(WINDOW - held);
  }

  /** Takes the one that has waited longest. */
  #waiter(): Waiter<T> | undefined {
    const waiter = this.#hungry ? (this.#queue.shift() as Waiter<T> | undefined) : undefined;
    this.#hungry = waiter !== undefined;
    return waiter;
  }

  #finish(): void {
    this.#over = true;
    this.#publisher = this.#demand = undefined;
    for (let waiter = this.#waiter(); waiter; waiter = this.#waiter()) {
      waiter.resolve({ done: true, value: undefined });
    }
  }
}

/** Iterates a publisher with a bounded window of demand. */
export function iterateFlow<T>(publisher: Publisher<T>): AsyncIterableIterator<T> {
  return new FlowIterator(publisher);
}
