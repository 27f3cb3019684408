import { invalidRecords, MOST_INVALID } from '../codec/on-invalid.js';
import type { ApiError } from '../core/errors.js';

/** Events that were left out, of one run. */
export class InvalidEvents {
  readonly #errors: ApiError[] = [];
  #inARow = 0;

  /** @returns whether so many came in a row that the stream is not what it should be */
  add(error: ApiError): boolean {
    if (this.#errors.length < MOST_INVALID) this.#errors.push(error);
    this.#inARow++;
    return this.#inARow >= MOST_INVALID;
  }

  /** A good one came. */
  good(): void {
    this.#inARow = 0;
  }

  /** What a stream fails with that would complete otherwise; `undefined` when nothing was left out. */
  get error(): ApiError | undefined {
    return this.#errors.length > 0 ? invalidRecords(this.#errors) : undefined;
  }
}
