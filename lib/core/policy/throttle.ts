import type { Observable } from 'rxjs';

import { type Clock, systemClock } from '../clock.js';
import { RejectedError } from '../errors.js';
import { between, positiveWhole } from '../numbers.js';
import { readOptions } from '../options.js';
import { type Random, systemRandom } from '../random.js';
import type { Outcome } from './outcome.js';
import type { Gate, Permit } from './permit.js';
import { isWatched, tell } from './policy-events.js';
import { readWindowCounts, RollingWindow } from './rolling-window.js';
import { readSnapshot } from './snapshots.js';
import type { Throttle, ThrottleOptions, ThrottleSettings, ThrottleSnapshot, ThrottleState } from './throttle-types.js';
import { WatchedState } from './watched-state.js';

// What the window counts.
const REQUESTS = 0;
const ACCEPTS = 1;
const FIELDS = 2;
const BUCKETS = 10;

const DEFAULTS = { multiplier: 2, windowMs: 30_000, maxRejection: 0.9, minRequests: 10 };
const DAY_MS = 86_400_000;

/**
 * Counts each call in the bucket in which it was sent, and what came of it in the same one.
 *
 * A call that runs is no refusal yet: it counts as a request from the next bucket but one on (3 to 6 s by default), or
 * when it ends. Counting it at once, the first calls of a program, or a burst after a pause, would look like calls that
 * a server does not accept: at 1,000 calls/s of 100 ms each, 9 of 10 were turned away at the start.
 */
class ClientThrottle implements Throttle, Gate {
  readonly maker = 'createThrottle';
  readonly changes: Observable<ThrottleState>;
  readonly #name: string | undefined;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #watched = new WatchedState<ThrottleState>(() => this.#read());
  readonly #window: RollingWindow;
  #settings: Required<ThrottleSettings>;
  #rejected = 0;
  /** The current bucket, and the calls of it and of the one before that still run. */
  #bucket = 0;
  #running = 0;
  #runningBefore = 0;

  constructor(options: ThrottleOptions) {
    const given: ThrottleOptions = readOptions(
      options,
      [...Object.keys(DEFAULTS), 'name', 'clock', 'random'],
      'createThrottle',
    );
    const { name, clock = systemClock, random = systemRandom, ...settings } = given;
    this.#settings = checked({ ...DEFAULTS, ...settings });
    this.#name = name;
    this.#clock = clock;
    this.#random = random;
    this.#window = new RollingWindow(this.#settings.windowMs, BUCKETS, FIELDS);
    this.changes = this.#watched.changes;
  }

  get state(): ThrottleState {
    return this.#watched.current;
  }

  enter(permit: Permit): void {
    const bucket = this.#advance();
    const rejection = this.#rejection();
    this.#window.add(REQUESTS, 1, bucket);
    if (rejection > 0 && this.#random() < rejection) return this.#reject(permit);
    this.#running++;
    this.#watched.changed();
    permit.admit(bucket);
  }

  /** Never called: none is kept waiting. */
  abandon(): void {}

  leave(permit: Permit, outcome: Outcome): void {
    const bucket = this.#advance();
    const sent = permit.epoch;
    if (sent === bucket) this.#running--;
    else if (sent === bucket - 1) this.#runningBefore--;
    // A call that says nothing about the server was never there.
    if (outcome === 'ignored') this.#window.add(REQUESTS, -1, sent);
    else if (outcome !== 'failure') this.#window.add(ACCEPTS, 1, sent);
    this.#watched.changed();
  }

  snapshot(): ThrottleSnapshot {
    return { version: 1, window: this.#window.snapshot(this.#clock.now()) };
  }

  restore(snapshot: ThrottleSnapshot): void {
    const read = readSnapshot(snapshot, ['window'], 'createThrottle.restore');
    const window = readWindowCounts(read['window'], FIELDS, 'createThrottle.restore.window');
    this.#window.restore(window, this.#clock.now());
    this.#forgetRunning();
    this.#watched.changed();
  }

  configure(settings: ThrottleSettings): void {
    const given: ThrottleSettings = readOptions(settings, Object.keys(DEFAULTS), 'createThrottle');
    this.#settings = checked({ ...this.#settings, ...given });
    this.#window.resize(this.#settings.windowMs, this.#clock.now());
    this.#forgetRunning();
    this.#watched.changed();
  }

  /** The calls that run belong to buckets that are no more. */
  #forgetRunning(): void {
    this.#bucket = this.#window.advance(this.#clock.now());
    this.#running = this.#runningBefore = 0;
  }

  #advance(): number {
    const bucket = this.#window.advance(this.#clock.now());
    if (bucket !== this.#bucket) {
      this.#runningBefore = bucket === this.#bucket + 1 ? this.#running : 0;
      this.#running = 0;
      this.#bucket = bucket;
    }
    return bucket;
  }

  /** The formula of the SRE book, with a cap: without one, a long outage is followed by minutes of self-made outage. */
  #rejection(): number {
    const { multiplier, maxRejection, minRequests } = this.#settings;
    const requests = this.#window.totals[REQUESTS]! - this.#running - this.#runningBefore;
    if (requests < minRequests) return 0;
    const rejection = (requests - multiplier * this.#window.totals[ACCEPTS]!) / (requests + 1);
    return Math.min(maxRejection, Math.max(0, rejection));
  }

  #reject(permit: Permit): void {
    this.#rejected++;
    const why = 'rate-limited';
    if (isWatched()) {
      tell({ type: 'rejected', policy: 'throttleClient', name: this.#name, atMs: this.#clock.now(), why });
    }
    this.#watched.changed();
    const server = this.#name ?? 'the server';
    permit.refuse(new RejectedError(why, `not sent: ${server} accepts too few of the calls it gets (throttleClient)`));
  }

  #read(): ThrottleState {
    this.#advance();
    const [requests, accepts] = this.#window.totals as unknown as [number, number];
    return { requests, accepts, rejection: this.#rejection(), rejected: this.#rejected };
  }
}

function checked(settings: Required<ThrottleSettings>): Required<ThrottleSettings> {
  const { multiplier, windowMs, maxRejection, minRequests } = settings;
  between(1, 100, multiplier, 'createThrottle.multiplier');
  between(1, DAY_MS, windowMs, 'createThrottle.windowMs');
  between(0, 1, maxRejection, 'createThrottle.maxRejection');
  positiveWhole(minRequests, 'createThrottle.minRequests');
  return settings;
}

/**
 * Makes an adaptive throttle for `throttleClient`: it turns calls away by chance, the more the fewer of them the server
 * accepts, so that an overloaded server need not spend its time on refusals.
 *
 * @throws ConfigError when an option is wrong
 * @see Google, "Site Reliability Engineering" (2016), "Handling Overload": client-side throttling
 */
export function createThrottle(options: ThrottleOptions = {}): Throttle {
  return new ClientThrottle(options);
}
