import { AllFailedError } from '../all-failed-error.js';
import { isProgress } from '../progress.js';
import { BoundedMerge } from './bounded-merge.js';
import type { MergeCall } from './merge-call.js';

/** Keeps the call that is the first to send a value, and gathers the errors of those that fail before. */
export class FirstMerge<T, R> extends BoundedMerge<T, R> {
  #hasWinner = false;
  #isAnyOver = false;
  readonly #errors: unknown[] = [];

  override advance(call: MergeCall<T, R>): void {
    this.#isAnyOver ||= call.state === 'complete';
    super.advance(call);
  }

  protected override failed(call: MergeCall<T, R>): void {
    if (this.#hasWinner) return this.stop(call.error);
    this.#errors.push(call.error);
    // Progress that it sent may still wait; then it leaves its place as any other does.
    call.state = 'complete';
    this.settle(call);
  }

  protected override take(call: MergeCall<T, R>): R {
    const value = call.shift();
    if (!this.#hasWinner && !isProgress(value)) {
      this.#hasWinner = true;
      this.keepOnly(call);
    }
    return value;
  }

  protected override finish(): void {
    if (this.#hasWinner || this.#isAnyOver || this.#errors.length === 0) this.complete();
    else this.fail(new AllFailedError(this.#errors));
  }
}
