import type { FlowSubscriber } from './demand.js';
import { ConfigError } from './errors.js';
import { Flow } from './flow.js';
import { Outlet, reportUnhandled } from './outlet.js';

class SyncRun<T> extends Outlet<T> {
  readonly #iterable: Iterable<T>;
  #iterator: Iterator<T> | undefined;
  #inside = false;
  #done = false;

  constructor(to: FlowSubscriber<T>, iterable: Iterable<T>) {
    super(to);
    this.#iterable = iterable;
  }

  protected override pull(): boolean {
    let step: IteratorResult<T>;
    this.#inside = true;
    try {
      this.#iterator ??= this.#iterable[Symbol.iterator]();
      step = this.#iterator.next();
      this.#done = step.done === true;
    } catch (error) {
      this.#done = true;
      this.fail(error);
      return false;
    } finally {
      this.#inside = false;
    }
    if (!this.isOpen) this.release();
    else if (this.#done) this.complete();
    else this.emit(step.value as T);
    return !this.#done;
  }

  /** Waits for an iterator that cancels its own run from within `next`: it cannot be returned until it yields. */
  protected override release(): void {
    if (this.#done || this.#inside || !this.#iterator) return;
    this.#done = true;
    try {
      this.#iterator.return?.();
    } catch (error) {
      reportUnhandled(error);
    }
  }
}

class AsyncRun<T> extends Outlet<T> {
  readonly #iterable: AsyncIterable<T>;
  #iterator: AsyncIterator<T> | undefined;
  #pending = false;
  #done = false;
  #ready = false;
  #value: T | undefined;

  constructor(to: FlowSubscriber<T>, iterable: AsyncIterable<T>) {
    super(to);
    this.#iterable = iterable;
  }

  protected override pull(): boolean {
    if (!this.#ready) return false;
    const value = this.#value as T;
    this.#ready = false;
    this.#value = undefined;
    this.emit(value);
    return true;
  }

  protected override idle(wanted: number): void {
    if (wanted === 0 || this.#pending) return;
    this.#pending = true;
    try {
      this.#iterator ??= this.#iterable[Symbol.asyncIterator]();
      Promise.resolve(this.#iterator.next()).then(this.#onStep, this.#onThrow);
    } catch (error) {
      this.#onThrow(error);
    }
  }

  protected override release(): void {
    if (this.#done || !this.#iterator) return;
    this.#done = true;
    try {
      Promise.resolve(this.#iterator.return?.()).catch(reportUnhandled);
    } catch (error) {
      reportUnhandled(error);
    }
  }

  // Fields, so that no value makes a closure.
  readonly #onStep = (step: IteratorResult<T>): void => {
    this.#pending = false;
    if (!this.isOpen) return;
    try {
      this.#done = step.done === true;
      this.#ready = !this.#done;
      if (this.#ready) this.#value = step.value as T;
    } catch (error) {
      this.#onThrow(error);
    }
    if (this.#done) this.complete();
    else this.drain();
  };

  readonly #onThrow = (error: unknown): void => {
    this.#done = true;
    this.fail(error);
  };
}

/**
 * Sends the values of an iterable, as many as are asked for: nothing is taken from it ahead of demand.
 *
 * Each subscription makes its own iterator, at its first request; a generator object has only the one. An async
 * iterator has one `next()` pending at most.
 *
 * - next: each value of the iterator, in order.
 * - error: what the iterator throws or rejects with, the same object.
 * - complete: when the iterator is done; that is found out by the request after the last value.
 * - unsubscribe: calls the iterator's `return()`, so that `finally` blocks of a generator run.
 *
 * @param iterable - an array, generator object, Map, async generator object, or anything else `for await` takes
 * @returns a Flow of its values
 * @throws ConfigError when the value is not iterable
 * @see ECMAScript, "Iteration": the closing of iterators
 *
 * @example
 * ```ts
 * import { fromIterable } from 'millrace';
 * import { take, toArray, lastValueFrom } from 'rxjs';
 *
 * function* numbers() {
 *   for (let n = 1; ; n++) yield n;
 * }
 * await lastValueFrom(fromIterable(numbers()).pipe(take(3), toArray())); // => [1, 2, 3]
 * ```
 */
export function fromIterable<T>(iterable: Iterable<T> | AsyncIterable<T>): Flow<T> {
  const given = Object(iterable) as object;
  if (Symbol.asyncIterator in given) {
    return new Flow({ subscribe: (to) => new AsyncRun(to, given as AsyncIterable<T>).start() });
  }
  if (Symbol.iterator in given) {
    return new Flow({ subscribe: (to) => new SyncRun(to, given as Iterable<T>).start() });
  }
  throw new ConfigError('iterable', 'give an array, a generator object or anything else that for await takes');
}
