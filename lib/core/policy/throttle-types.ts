import type { Observable } from 'rxjs';

import type { Clock } from '../clock.js';
import type { Random } from '../random.js';
import type { WindowCounts } from './rolling-window.js';

/** What a {@link Throttle} knows. */
export interface ThrottleState {
  /** Calls within the window, those that were turned away included. */
  readonly requests: number;
  /** Those among them that the server accepted: it answered, whatever it said. */
  readonly accepts: number;
  /** The chance that the next call is turned away, from 0 to `maxRejection`. */
  readonly rejection: number;
  /** Calls turned away, ever. */
  readonly rejected: number;
}

/** What a {@link Throttle} keeps in another place: it survives JSON. */
export interface ThrottleSnapshot {
  readonly version: 1;
  readonly window: WindowCounts;
}

/** What can be changed while a throttle is in use. */
export interface ThrottleSettings {
  /** Calls sent for each one that the server accepts, from 1. More finds out sooner that it is well. @defaultValue 2 */
  readonly multiplier?: number;
  /** How far back it looks; longer than a call takes. Unit: milliseconds. @defaultValue 30 000 */
  readonly windowMs?: number;
  /** The largest share of calls that is turned away, from 0 to 1. @defaultValue 0.9 */
  readonly maxRejection?: number;
  /** Fewer calls than this within the window turn none away. @defaultValue 10 */
  readonly minRequests?: number;
}

/** Settings for {@link createThrottle}. */
export interface ThrottleOptions extends ThrottleSettings {
  /** Tells it apart in errors and in `policyEvents`. */
  readonly name?: string;
  /** Where time comes from. @defaultValue the system's clock */
  readonly clock?: Clock;
  /** Where chance comes from. @defaultValue the system's */
  readonly random?: Random;
}

/** An adaptive throttle of a client: make one for each server, and hand it to all that call it. */
export interface Throttle {
  /** A snapshot: it does not change afterwards. */
  readonly state: ThrottleState;
  /** The state now, then after each change; never completes. Costs nothing while nobody listens. */
  readonly changes: Observable<ThrottleState>;
  /** What it knows now, for {@link restore} in another process. */
  snapshot(): ThrottleSnapshot;
  /** Goes on from a snapshot. @throws ConfigError when it is none */
  restore(snapshot: ThrottleSnapshot): void;
  /** Changes settings in place and keeps the counts. @throws ConfigError */
  configure(settings: ThrottleSettings): void;
}
