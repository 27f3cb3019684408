import { Observable, observable, type ObservableInput, type Subscribable } from 'rxjs';

import type { FlowSubscriber, Publisher } from './demand.js';
import { FLOW, isFlow } from './flow.js';
import { fromIterable } from './from-iterable.js';
import { fromReadable } from './from-readable.js';
import { Outlet } from './outlet.js';
import { waitingPublisher } from './waiting.js';

/** A promise cannot be stopped: what it brings after a cancel is dropped. */
class PromiseRun<T> extends Outlet<T> {
  #there = false;
  #value: T | undefined;

  listen(promise: PromiseLike<T>): void {
    const arrive = (value: T): void => {
      this.#there = true;
      this.#value = value;
      this.complete();
    };
    const miss = (error: unknown): void => this.fail(error);
    try {
      promise.then(arrive, miss);
    } catch (error) {
      // A promise of another library may throw instead of rejecting.
      miss(error);
    }
  }

  protected override get held(): number {
    return this.#there ? 1 : 0;
  }

  protected override pull(): boolean {
    if (!this.#there) return false;
    this.#there = false;
    this.emit(this.#value as T);
    return true;
  }

  protected override release(): void {
    this.#value = undefined;
  }
}

/** An input that cannot be used: told the way a stream tells it, since `subscribe` never throws (rule 1.9). */
class FailedRun extends Outlet<never> {
  tell(error: unknown): void {
    this.start();
    this.fail(error);
  }

  protected override pull(): boolean {
    return false;
  }

  protected override release(): void {}
}

/**
 * Subscribes to anything RxJS takes for a stream, as a run with demand: a Flow by its own publisher, iterables and
 * readable streams one value at a time, a promise once. A plain Observable cannot be held back; what it sends too
 * early waits, without a bound.
 *
 * Never throws: an input that is none of these fails the subscriber with a `TypeError` that names it.
 */
export function subscribeInner<R>(input: ObservableInput<R>, to: FlowSubscriber<R>): void {
  let publisher: Publisher<R> | undefined;
  try {
    publisher = publisherOf(input);
  } catch (error) {
    return new FailedRun(to).tell(error);
  }
  publisher.subscribe(to);
}

function publisherOf<R>(input: ObservableInput<R>): Publisher<R> {
  const given: unknown = input;
  if (given instanceof Observable) return isFlow<R>(given) ? given[FLOW] : waitingPublisher<R>(given);
  // No Flow by class, but one of another copy of the package.
  if (has(given, FLOW)) return given[FLOW] as Publisher<R>;
  if (has(given, observable)) return waitingPublisher(adopt<R>(given));
  if (can(given, 'then')) return { subscribe: (to) => listen(given as unknown as PromiseLike<R>, to) };
  if (can(given, 'getReader') || can(given, 'read')) return fromReadable<R>(() => given as never)[FLOW];
  if (typeof given === 'string' || has(given, Symbol.iterator) || has(given, Symbol.asyncIterator)) {
    return fromIterable(given as Iterable<R>)[FLOW];
  }
  if (has(given, 'length')) return fromIterable(Array.from(given as unknown as ArrayLike<R>))[FLOW];
  throw new TypeError(
    `no stream: ${describe(given)}; give an Observable, a Promise, an iterable, an async iterable or a readable stream`,
  );
}

function has<K extends PropertyKey>(value: unknown, key: K): value is Record<K, unknown> {
  return typeof value === 'object' && value !== null && key in value;
}

function can<K extends PropertyKey>(value: unknown, key: K): value is Record<K, unknown> {
  return has(value, key) && typeof value[key] === 'function';
}

function listen<T>(promise: PromiseLike<T>, to: FlowSubscriber<T>): void {
  const run = new PromiseRun(to);
  run.start();
  run.listen(promise);
}

/** An Observable of another library, or of another copy of RxJS. */
function adopt<T>(foreign: object): Observable<T> {
  const source = foreign as Record<PropertyKey, () => Subscribable<T>>;
  return new Observable((subscriber) => source[observable]!().subscribe(subscriber));
}

function describe(value: unknown): string {
  if (typeof value === 'function') return `the function ${value.name || '(anonymous)'}`;
  if (typeof value !== 'object' || value === null) return String(value);
  return `a value of class ${value.constructor?.name ?? '(none)'}`;
}
