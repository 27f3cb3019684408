import type { Observable } from 'rxjs';

import { wholeFrom } from '../numbers.js';
import { BulkheadGate } from './bulkhead-gate.js';
import {
  type BulkheadSettings,
  type BulkheadOptions,
  type BulkheadState,
  readBulkheadRules,
} from './bulkhead-settings.js';
import { readSnapshot } from './snapshots.js';

/** What a {@link Bulkhead} must remember; fit for JSON. What runs or waits ends with the process. */
export interface BulkheadSnapshot {
  readonly version: 1;
  readonly started: number;
  readonly rejected: number;
  readonly expired: number;
}

/** So many places for calls that run at once, for all that share it. */
export interface Bulkhead {
  /** A snapshot: it does not change afterwards. */
  readonly state: BulkheadState;
  /** The state now, then after each change; never completes. */
  readonly changes: Observable<BulkheadState>;
  /** Changes settings in place. What runs goes on running, what waits keeps its place. */
  configure(changes: BulkheadSettings): void;
  /** What has to be remembered when the process ends. */
  snapshot(): BulkheadSnapshot;
  /** Goes on from there. */
  restore(snapshot: BulkheadSnapshot): void;
}

/**
 * A bulkhead, and the gate that it is.
 *
 * @internal
 */
export class SharedBulkhead extends BulkheadGate implements Bulkhead {
  readonly maker = 'createBulkhead';

  constructor(options: BulkheadOptions) {
    const { limit, ...settings } = readBulkheadRules(options);
    super(settings, limit);
  }

  get state(): BulkheadState {
    return this.watched.current;
  }

  get changes(): Observable<BulkheadState> {
    return this.watched.changes;
  }

  snapshot(): BulkheadSnapshot {
    return save(this);
  }

  restore(snapshot: BulkheadSnapshot): void {
    load(this, snapshot);
  }
}

/**
 * Makes a limit on how many calls run at once, for {@link limitConcurrency}.
 *
 * @throws ConfigError when an option is wrong
 * @see Nygard, "Release It!" (2007): bulkheads
 */
export function createBulkhead(options: BulkheadOptions): Bulkhead {
  return new SharedBulkhead(options);
}

function save({ report: { started, rejected, expired } }: BulkheadGate): BulkheadSnapshot {
  return { version: 1, started, rejected, expired };
}

function load(gate: BulkheadGate, input: BulkheadSnapshot): void {
  const { started, rejected, expired } = readSnapshot(input, ['started', 'rejected', 'expired'], 'restore');
  const counts = {
    started: wholeFrom(0, started, 'restore.started'),
    rejected: wholeFrom(0, rejected, 'restore.rejected'),
    expired: wholeFrom(0, expired, 'restore.expired'),
  };
  Object.assign(gate.report, counts);
  gate.watched.changed();
}
