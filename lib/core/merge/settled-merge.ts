import { BoundedMerge } from './bounded-merge.js';
import type { MergeCall } from './merge-call.js';

/** How a call went on: a value that it sent, or what it failed with; and the value of the source it was started for. */
export type Settled<T, R> =
  | { readonly status: 'fulfilled'; readonly value: R; readonly input: T }
  | { readonly status: 'rejected'; readonly reason: unknown; readonly input: T };

/** Sends the failure of a call as a value. */
export class SettledMerge<T, R> extends BoundedMerge<T, R, Settled<T, R>> {
  #sourceFailed = false;
  #sourceError: unknown;

  /** What the source has sent is still worked on. */
  override onError(error: unknown): void {
    this.#sourceFailed = true;
    this.#sourceError = error;
    this.onComplete();
  }

  protected override failed(call: MergeCall<T, R>): void {
    this.settle(call);
  }

  protected override hasMore(call: MergeCall<T, R>): boolean {
    return call.held > 0 || call.state === 'failed';
  }

  protected override take(call: MergeCall<T, R>): Settled<T, R> {
    const input = call.input as T;
    if (call.held > 0) return { status: 'fulfilled', value: call.shift(), input };
    call.state = 'complete';
    return { status: 'rejected', reason: call.error, input };
  }

  protected override finish(): void {
    if (this.#sourceFailed) this.fail(this.#sourceError);
    else this.complete();
  }
}
