import type { Observable } from 'rxjs';

import { ConfigError } from '../errors.js';
import { finiteFrom, wholeFrom } from '../numbers.js';
import { RateGate } from './rate-gate.js';
import type { RateHint } from './rate-hint.js';
import {
  type RateAlgorithm,
  type RateLimiterSettings,
  type RateLimiterOptions,
  type RateLimiterState,
  readRateSettings,
  type SavedQuota,
} from './rate-settings.js';
import { readSnapshot } from './snapshots.js';

/** What a {@link RateLimiter} must remember; fit for JSON. */
export interface RateLimiterSnapshot {
  readonly version: 1;
  readonly algorithm: RateAlgorithm;
  readonly starts: readonly number[];
  readonly closedUntilMs: number | null;
  readonly quotas: readonly SavedQuota[];
  readonly started: number;
  readonly rejected: number;
}

/** Decides when calls may start, for all that share it. */
export interface RateLimiter {
  /** A snapshot: it does not change afterwards. */
  readonly state: RateLimiterState;
  /** The state now, then after each change; never completes. */
  readonly changes: Observable<RateLimiterState>;
  /** Takes in what a server said, where no answer that passes `limitRate` says it. */
  heed(hint: RateHint): void;
  /** Changes settings in place. What has started keeps counting, what waits keeps waiting. */
  configure(changes: RateLimiterSettings): void;
  /** What has to be remembered when the process ends. */
  snapshot(): RateLimiterSnapshot;
  /** Goes on from there. */
  restore(snapshot: RateLimiterSnapshot): void;
}

/** A rate limiter, and the gate that it is. */
class SharedRate extends RateGate implements RateLimiter {
  readonly maker = 'createRateLimiter';

  get state(): RateLimiterState {
    return this.watched.current;
  }

  get changes(): Observable<RateLimiterState> {
    return this.watched.changes;
  }

  snapshot(): RateLimiterSnapshot {
    return save(this);
  }

  restore(snapshot: RateLimiterSnapshot): void {
    load(this, snapshot);
  }
}

/**
 * Makes a limit on how many calls may start in a window, for {@link limitRate}.
 *
 * @throws ConfigError when an option is wrong
 * @see ITU-T I.371, annex A; IETF draft-ietf-httpapi-ratelimit-headers-11 for what a server says
 */
export function createRateLimiter(options: RateLimiterOptions): RateLimiter {
  return new SharedRate(readRateSettings(options));
}

function save({ settings, pace, quotas, started, rejected }: RateGate): RateLimiterSnapshot {
  const { algorithm } = settings;
  const closedUntilMs = quotas.closedUntilMs === -Infinity ? null : quotas.closedUntilMs;
  return { version: 1, algorithm, starts: pace.save(), closedUntilMs, quotas: quotas.save(), started, rejected };
}

const KEYS = ['algorithm', 'starts', 'closedUntilMs', 'quotas', 'started', 'rejected'];

function load(gate: RateGate, input: RateLimiterSnapshot): void {
  const { algorithm, starts, closedUntilMs, quotas, started, rejected } = readSnapshot(input, KEYS, 'restore');
  const own = gate.settings.algorithm;
  if (algorithm !== own) throw new ConfigError('restore.algorithm', `must be '${own}', as this limiter's is`);
  const read = {
    starts: listOf(starts, 'restore.starts', (start, field) => finiteFrom(0, start, field)),
    closedUntilMs: closedUntilMs === null ? -Infinity : finiteFrom(0, closedUntilMs, 'restore.closedUntilMs'),
    quotas: listOf(quotas, 'restore.quotas', readQuota),
    started: wholeFrom(0, started, 'restore.started'),
    rejected: wholeFrom(0, rejected, 'restore.rejected'),
  };
  gate.pace.load(read.starts);
  gate.quotas.load(read.quotas);
  gate.quotas.closedUntilMs = read.closedUntilMs;
  gate.started = read.started;
  gate.rejected = read.rejected;
  gate.serve();
  gate.watched.changed();
}

function listOf<R>(given: unknown, field: string, read: (item: unknown, field: string) => R): R[] {
  if (!Array.isArray(given)) throw new ConfigError(field, 'must be a list: give what snapshot() returned');
  return given.map((item, index) => read(item, `${field}.${index}`));
}

function readQuota(given: unknown, field: string): SavedQuota {
  const { policy, partition, left, untilMs } = (given ?? {}) as Partial<SavedQuota>;
  if (typeof policy !== 'string' || (partition !== null && typeof partition !== 'string')) {
    throw new ConfigError(field, 'must name a policy and its partition: give what snapshot() returned');
  }
  return {
    policy,
    partition,
    left: finiteFrom(-Infinity, left, `${field}.left`),
    untilMs: finiteFrom(0, untilMs, `${field}.untilMs`),
  };
}
