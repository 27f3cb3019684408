import { lastValueFrom, type Observable, toArray } from 'rxjs';

import { ApiError } from '../../lib/core/errors.js';

/** What a stream came to: its values, and the error that ended it where one did. */
export interface Outcome<T> {
  readonly values: readonly T[];
  readonly error: unknown;
}

/** Runs a stream to its end. */
export function outcome<T>(stream: Observable<T>): Promise<Outcome<T>> {
  return new Promise((resolve) => {
    const values: T[] = [];
    stream.subscribe({
      next: (value) => values.push(value),
      error: (error: unknown) => resolve({ values, error }),
      complete: () => resolve({ values, error: undefined }),
    });
  });
}

/** Runs a stream that must fail with one of our errors. */
export async function failure(stream: Observable<unknown>): Promise<ApiError> {
  const { error, values } = await outcome(stream);
  if (error instanceof ApiError) return error;
  throw new Error(`expected an ApiError, got ${error === undefined ? JSON.stringify(values) : String(error)}`);
}

/** Runs a stream to its end and gives its values. */
export function all<T>(stream: Observable<T>): Promise<T[]> {
  return lastValueFrom(stream.pipe(toArray()), { defaultValue: [] });
}
