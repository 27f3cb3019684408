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
  readonly #ready = new Ring<T>(WINDOW);
  readonly #waiters = new Ring<Waiter<T>>(1);
  #demand: Demand | undefined;
  #asked = 0;
  #over: 'open' | 'complete' | 'error' = 'open';
  #error: unknown;

  constructor(publisher: Publisher<T>) {
    this.#publisher = publisher;
  }

  onSubscribe(demand: Demand): void {
    if (this.#demand || this.#over !== 'open') return demand.cancel();
    this.#demand = demand;
    this.#replenish();
  }

  onNext(value: T): void {
    if (this.#over !== 'open') return;
    this.#asked--;
    const waiter = this.#waiters.shift();
    if (!waiter) return this.#ready.push(value);
    waiter.resolve({ done: false, value });
    this.#replenish();
  }

  onError(error: unknown): void {
    if (this.#over !== 'open') return;
    const waiter = this.#waiters.shift();
    this.#finish(waiter ? 'complete' : 'error');
    if (waiter) waiter.reject(error);
    else this.#error = error;
  }

  onComplete(): void {
    if (this.#over === 'open') this.#finish('complete');
  }

  next(): Promise<Step<T>> {
    const publisher = this.#publisher;
    this.#publisher = undefined;
    publisher?.subscribe(this);
    if (this.#ready.length > 0) {
      const value = this.#ready.shift() as T;
      this.#replenish();
      return Promise.resolve({ done: false, value });
    }
    if (this.#over === 'error') {
      this.#over = 'complete';
      return Promise.reject(this.#error);
    }
    if (this.#over === 'complete') return Promise.resolve({ done: true, value: undefined });
    return new Promise<Step<T>>((resolve, reject) => this.#waiters.push({ resolve, reject }));
  }

  return(): Promise<Step<T>> {
    const demand = this.#demand;
    this.#ready.clear();
    this.#finish('complete');
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
    const held = this.#asked + this.#ready.length;
    if (held > LOW_TIDE || !this.#demand) return;
    this.#asked += WINDOW - held;
    this.#demand.request(WINDOW - held);
  }

  #finish(over: 'complete' | 'error'): void {
    this.#over = over;
    this.#publisher = this.#demand = undefined;
    for (let waiter = this.#waiters.shift(); waiter; waiter = this.#waiters.shift()) {
      waiter.resolve({ done: true, value: undefined });
    }
  }
}

/** Iterates a publisher with a bounded window of demand. */
export function iterateFlow<T>(publisher: Publisher<T>): AsyncIterableIterator<T> {
  return new FlowIterator(publisher);
}
