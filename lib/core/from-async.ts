import { Flow } from './flow.js';
import { OneValue } from './one-value.js';
import type { Signal } from './signal.js';

/**
 * Makes a cold Flow of a function that returns a promise: the function runs once per subscription, at its first request.
 *
 * - next: what the promise resolves with.
 * - error: what it rejects with, or what the function throws, the same object.
 * - complete: right after the value.
 * - unsubscribe: aborts `signal`; a result that comes later is dropped.
 *
 * @param start - does the work; hand `signal` on to what can be stopped
 * @returns a Flow of one value
 * @see WHATWG DOM, "Aborting ongoing activities"
 *
 * @example
 * ```ts
 * import { fromAsync } from 'millrace';
 * import { firstValueFrom } from 'rxjs';
 *
 * const answer$ = fromAsync(async () => 42);
 * await firstValueFrom(answer$); // => 42
 * ```
 */
export function fromAsync<T>(start: (signal: Signal) => PromiseLike<T>): Flow<T> {
  const begin = (run: OneValue<T>, signal: Signal): void => {
    Promise.resolve(start(signal)).then(
      (value) => run.resolve(value),
      (error: unknown) => run.reject(error),
    );
  };
  return new Flow({ subscribe: (to) => new OneValue(to, begin).start() });
}
