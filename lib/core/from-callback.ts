import { Flow } from './flow.js';
import { OneValue } from './one-value.js';
import type { Signal } from './signal.js';

/**
 * What a function that works with {@link fromCallback} calls when it is done, as Node's callbacks are called:
 * `done(error)` or `done(null, value)`. Only the first call counts.
 */
export type Done<T> = (error: unknown, value?: T) => void;

/**
 * Makes a cold Flow of a function that calls back: the function runs once per subscription, at its first request.
 *
 * - next: the value given to `done`.
 * - error: the error given to `done` (anything but `null` and `undefined`), or what the function throws, the same object.
 * - complete: right after the value.
 * - unsubscribe: aborts `signal`; a call of `done` that comes later is dropped.
 *
 * @param start - does the work and calls `done` once; may return a function that is called once when the run is over,
 *   whichever way it ended
 * @returns a Flow of one value
 * @see Node.js documentation, "Error-first callbacks"
 *
 * @example
 * ```ts
 * import { fromCallback } from 'millrace';
 * import { readFile } from 'node:fs';
 * import { firstValueFrom } from 'rxjs';
 *
 * const manifest$ = fromCallback<string>((done, signal) => readFile('package.json', { encoding: 'utf8', signal }, done));
 * JSON.parse(await firstValueFrom(manifest$)).type; // => 'module'
 * ```
 */
export function fromCallback<T>(start: (done: Done<T>, signal: Signal) => (() => void) | void): Flow<T> {
  const begin = (run: OneValue<T>, signal: Signal): (() => void) | void =>
    start((error, value) => {
      if (error == null) run.resolve(value as T);
      else run.reject(error);
    }, signal);
  return new Flow({ subscribe: (to) => new OneValue(to, begin).start() });
}
