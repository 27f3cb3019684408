import type { Observable } from 'rxjs';

import type { Clock } from '../clock.js';
import type { Random } from '../random.js';
import type { WindowCounts } from './rolling-window.js';

/** What a breaker does: lets all pass, none, a few to try, or none until it is told otherwise. */
export type BreakerStatus = 'closed' | 'open' | 'half-open' | 'isolated';

/** What a {@link Breaker} knows. */
export interface BreakerState {
  readonly status: BreakerStatus;
  /** Calls within the window that told something about the server. */
  readonly calls: number;
  /** Those among them that failed. */
  readonly failures: number;
  /** Those among them that took `slowMs` or longer. */
  readonly slow: number;
  /** When the next call may try: set while it is open. Unit: milliseconds since 1970. */
  readonly probeAtMs: number | undefined;
  /** Calls that the server answered, ever; those that began before a change of status included. */
  readonly succeeded: number;
  /** Calls that failed, ever; those that began before a change of status included. */
  readonly failed: number;
  /** Calls turned away, ever. */
  readonly rejected: number;
}

/** What a {@link Breaker} keeps in another place: it survives JSON. */
export interface BreakerSnapshot {
  readonly version: 1;
  /** A breaker that was trying goes on as an open one whose time has come. */
  readonly status: Exclude<BreakerStatus, 'half-open'>;
  /** How often it has opened in a row. */
  readonly opens: number;
  /** Unit: milliseconds since 1970; 0 for one that is not open. */
  readonly probeAtMs: number;
  readonly window: WindowCounts;
}

/** What can be changed while a breaker is in use. */
export interface BreakerSettings {
  /** How far back it looks, in ten buckets. Unit: milliseconds. @defaultValue 10 000 */
  readonly windowMs?: number;
  /** Fewer calls than this within the window never open it. @defaultValue 20 */
  readonly minCalls?: number;
  /** The share of calls that must fail to open it, above 0 and up to 1. @defaultValue 0.5 */
  readonly failureRate?: number;
  /** Calls that take this long from start to end are slow. Unit: milliseconds. @defaultValue `Infinity`: none is */
  readonly slowMs?: number;
  /** The share of calls that must be slow to open it, above 0 and up to 1. @defaultValue 0.5 */
  readonly slowRate?: number;
  /** How long it stays open the first time; twice as long each next time, ±20 %. Unit: milliseconds. @defaultValue 5 000 */
  readonly openMs?: number;
  /** It stays open no longer than this, ±20 %. Unit: milliseconds. @defaultValue 60 000 */
  readonly maxOpenMs?: number;
  /** Calls that may try while it is half-open. @defaultValue 3 */
  readonly probes?: number;
  /** How many of them must succeed to close it. @defaultValue 2 */
  readonly successes?: number;
  /** A probe that has brought nothing after this time has failed. Unit: milliseconds. @defaultValue 10 000 */
  readonly probeMs?: number;
}

/** Settings for {@link createBreaker}. */
export interface BreakerOptions extends BreakerSettings {
  /** Tells it apart in errors and in `policyEvents`. */
  readonly name?: string;
  /** Where time comes from. @defaultValue the system's clock */
  readonly clock?: Clock;
  /** Where jitter comes from. @defaultValue the system's */
  readonly random?: Random;
}

/** A circuit breaker: make one for each server, or each of its routes, and hand it to all that call it. */
export interface Breaker {
  /** A snapshot: it does not change afterwards. */
  readonly state: BreakerState;
  /** The state now, then after each change; never completes. Costs nothing while nobody listens. */
  readonly changes: Observable<BreakerState>;
  /** Lets no call pass until {@link close}. What runs goes on. */
  isolate(): void;
  /** Closes it, whatever it was, and forgets what was counted in its window. */
  close(): void;
  /** What it knows now, for {@link restore} in another process. */
  snapshot(): BreakerSnapshot;
  /** Goes on from a snapshot. What still runs cannot decide any more. @throws ConfigError when it is none */
  restore(snapshot: BreakerSnapshot): void;
  /** Changes settings in place and keeps status and counts. @throws ConfigError */
  configure(settings: BreakerSettings): void;
}
