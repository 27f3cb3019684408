import type { ObservableInput, ObservedValueOf } from 'rxjs';

import { ConfigError } from './errors.js';
import { Flow } from './flow.js';
import { CombineRun } from './merge/combine-run.js';
import { CONCURRENCY_KEYS, type ConcurrencyOptions, placesOf } from './merge/places.js';
import { readOptions } from './options.js';

/** A record of calls. */
export type CallRecord = Readonly<Record<string, ObservableInput<unknown>>>;

/** The record of what the calls of a record bring. */
export type Combined<C extends CallRecord> = { readonly [K in keyof C]: ObservedValueOf<C[K]> };

/** Settings for {@link combineCalls}. */
export interface CombineCallsOptions extends ConcurrencyOptions {
  /** Whether what is there is sent each time something new is, fields that are missing left out. @defaultValue false */
  readonly partial?: boolean;
}

/**
 * Makes one Flow of a record of calls: runs them side by side and sends the record of their results.
 *
 * - next: the record of the last value of each call, when all have completed; with `partial`, what is there each time
 *   a value is new. Where less is asked for than is new, the newest record is sent.
 * - error: the first one, the same object; the other calls are cancelled at once.
 * - complete: when every call has, right after the record that has all fields.
 * - unsubscribe: cancels every call.
 *
 * Nothing runs before the first request, and at most `concurrency` calls at once. The fields come in the order of
 * `calls`. That of a call which completes without a value is `undefined`.
 *
 * @param calls - Observables, promises, iterables or streams by name; read when it is called
 * @param options - see {@link CombineCallsOptions}
 * @returns a Flow of records
 * @throws ConfigError when `calls` is no record, or an option is wrong
 * @see ReactiveX, "CombineLatest" and "forkJoin"
 *
 * @example
 * ```ts
 * import { combineCalls } from 'millrace';
 * import { firstValueFrom, of } from 'rxjs';
 *
 * const page$ = combineCalls({ user: of('Ada'), orders: Promise.resolve([7, 9]) });
 * await firstValueFrom(page$); // => { user: 'Ada', orders: [7, 9] }
 * ```
 */
export function combineCalls<C extends CallRecord>(
  calls: C,
  options: CombineCallsOptions & { readonly partial: true },
): Flow<Partial<Combined<C>>>;
export function combineCalls<C extends CallRecord>(
  calls: C,
  options?: CombineCallsOptions & { readonly partial?: false },
): Flow<Combined<C>>;
export function combineCalls(calls: CallRecord, options: CombineCallsOptions = {}): Flow<unknown> {
  const given: CombineCallsOptions = readOptions(options, [...CONCURRENCY_KEYS, 'partial'], 'combineCalls');
  const isRecord =
    typeof calls === 'object' && calls !== null && !(Symbol.iterator in calls) && !('subscribe' in calls);
  if (!isRecord) throw new ConfigError('combineCalls.calls', 'must be a record of calls: { user: api.get("/user") }');
  const rules = {
    calls: { ...calls },
    partial: given.partial ?? false,
    places: placesOf(given, 'combineCalls'),
  };
  return new Flow({ subscribe: (to) => new CombineRun(to, rules).start() });
}
