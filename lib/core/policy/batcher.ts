import type { Observable } from 'rxjs';

import type { BatchLoad } from '../merge/batch.js';
import { type BatchOptions, readBatchRules } from '../merge/batch-rules.js';
import { Batches, keepBatches } from '../merge/batches.js';
import { WatchedState } from './watched-state.js';

/** In types alone: what a batcher takes and gives. */
declare const BATCHED: unique symbol;

/** What a {@link Batcher} is doing and has done. */
export interface BatcherState {
  /** Values that wait for their batch to be started. */
  readonly waiting: number;
  /** Batches that run. */
  readonly running: number;
  /** Batches started so far. */
  readonly batches: number;
  /** Values so far that were in a batch when it was started. */
  readonly values: number;
}

/** Collects values of all subscriptions that are given it into the same batches. */
export interface Batcher<T, R> {
  /** A snapshot: it does not change afterwards. */
  readonly state: BatcherState;
  /** The state now, then after each change; never completes. Costs nothing while nobody listens. */
  readonly changes: Observable<BatcherState>;
  readonly [BATCHED]?: (value: T) => R;
}

/**
 * Makes what subscriptions of `batchMap` share their batches through.
 *
 * It holds values only while somebody waits for them: there is nothing to save or to restore.
 *
 * @throws ConfigError when an option is wrong
 */
export function createBatcher<T, R>(load: BatchLoad<T, R>, options?: BatchOptions<T>): Batcher<T, R> {
  const batches = new Batches(readBatchRules(load, options, 'createBatcher'));
  const watched = new WatchedState<BatcherState>(() => ({
    waiting: batches.waiting,
    running: batches.running,
    batches: batches.started,
    values: batches.sent,
  }));
  const changed = (): void => watched.changed();
  batches.onChange = changed;
  const batcher: Batcher<T, R> = {
    get state() {
      return watched.current;
    },
    changes: watched.changes,
  };
  keepBatches(batcher, batches);
  return batcher;
}
