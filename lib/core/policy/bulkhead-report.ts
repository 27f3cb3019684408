import type { Clock } from '../clock.js';
import { isWatched, tell } from './policy-events.js';

const POLICY = 'limitConcurrency';

/** Counts what a bulkhead decides, and tells of it. */
export class BulkheadReport {
  started = 0;
  rejected = 0;
  expired = 0;
  #limit: number;
  readonly #name: string | undefined;
  readonly #clock: Clock;

  constructor(name: string | undefined, clock: Clock, limit: number) {
    this.#name = name;
    this.#clock = clock;
    this.#limit = limit;
  }

  get counts(): { readonly started: number; readonly rejected: number; readonly expired: number } {
    return { started: this.started, rejected: this.rejected, expired: this.expired };
  }

  queue(waiting: number): void {
    if (isWatched()) tell({ ...this.#common(), type: 'queued', waiting });
  }

  reject(): void {
    this.rejected++;
    if (isWatched()) tell({ ...this.#common(), type: 'rejected', why: 'queue-full' });
  }

  expire(limitMs: number): void {
    this.expired++;
    if (isWatched()) tell({ ...this.#common(), type: 'timeout', which: 'queue', limitMs });
  }

  /** @param own - whether nobody else tells when this limit changes */
  limit(to: number, own: boolean): void {
    const from = this.#limit;
    if (to === from) return;
    this.#limit = to;
    if (own && isWatched()) tell({ ...this.#common(), type: 'limit', from, to });
  }

  #common() {
    return { policy: POLICY, name: this.#name, atMs: this.#clock.now() };
  }
}
