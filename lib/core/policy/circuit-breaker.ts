import type { Observable } from 'rxjs';

import { type Clock, systemClock } from '../clock.js';
import { type Deadlines, deadlinesOf } from '../deadlines.js';
import { RejectedError } from '../errors.js';
import { type Random, systemRandom } from '../random.js';
import { BreakerCounts } from './breaker-counts.js';
import { readBreakerOptions, readBreakerSettings, readBreakerSnapshot } from './breaker-settings.js';
import type {
  Breaker,
  BreakerOptions,
  BreakerSettings,
  BreakerSnapshot,
  BreakerState,
  BreakerStatus,
} from './breaker-types.js';
import type { Outcome } from './outcome.js';
import type { Gate, Permit } from './permit.js';
import { isWatched, tell } from './policy-events.js';
import { ProbeRound } from './probe-round.js';
import { WatchedState } from './watched-state.js';

const POLICY = 'breakCircuit';

/** How long it is open varies by so much to both sides, so that clients which opened together do not try together. */
const JITTER = 0.2;
/** Doubling any further changes nothing, and would overflow. */
const MOST_DOUBLINGS = 30;
/** The epoch of a permit that cannot decide any more. */
const SETTLED = -1;

/**
 * The state machine. No timer runs while it is open: the first call after that time finds it half-open.
 *
 * Each change of status begins an epoch. A permit that was admitted in an earlier one cannot decide about a later one.
 */
export class CircuitBreaker implements Breaker, Gate {
  readonly maker = 'createBreaker';
  readonly changes: Observable<BreakerState>;
  readonly #name: string | undefined;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #deadlines: Deadlines;
  readonly #watched = new WatchedState<BreakerState>(() => this.#read());
  readonly #counts: BreakerCounts;
  readonly #round = new ProbeRound();
  #settings: Required<BreakerSettings>;
  #status: BreakerStatus = 'closed';
  #epoch = 0;
  #opens = 0;
  /** While open, when the next call may try; while half-open, when the probes will have decided at the latest. */
  #probeAtMs = 0;

  constructor(options: BreakerOptions) {
    const { name, clock = systemClock, random = systemRandom, ...settings } = readBreakerOptions(options);
    this.#settings = settings;
    this.#name = name;
    this.#clock = clock;
    this.#random = random;
    this.#deadlines = deadlinesOf(this.#clock);
    this.#counts = new BreakerCounts(this.#settings.windowMs);
    this.changes = this.#watched.changes;
  }

  get state(): BreakerState {
    return this.#watched.current;
  }

  enter(permit: Permit): void {
    const now = this.#clock.now();
    permit.sinceMs = now;
    if (this.#status === 'open' && now >= this.#probeAtMs) {
      this.#become('half-open');
      this.#watched.changed();
    }
    if (this.#status === 'closed') return permit.admit(this.#epoch);
    const { probes, probeMs } = this.#settings;
    if (this.#status !== 'half-open' || !this.#round.enter(probes)) return this.#reject(permit, now);
    this.#probeAtMs = now + probeMs;
    this.#deadlines.arm(permit, probeMs);
    permit.admit(this.#epoch);
  }

  /** Never called: none is kept waiting. */
  abandon(): void {}

  leave(permit: Permit, outcome: Outcome): void {
    this.#deadlines.disarm(permit);
    const decides = permit.epoch === this.#epoch;
    const isProbe = decides && this.#status === 'half-open';
    if (outcome === 'ignored') return isProbe ? this.#round.leave() : undefined;
    const now = this.#clock.now();
    const failed = outcome === 'failure';
    const slow = now - permit.sinceMs >= this.#settings.slowMs;
    this.#counts.ended(failed);
    if (isProbe) this.#settle(!failed && !slow, now);
    else if (decides && this.#counts.exceeded(failed, slow, now, this.#settings)) this.#open(now);
    this.#watched.changed();
  }

  /** A probe has taken too long: it is settled now, whatever comes of it. */
  expired(permit: Permit): void {
    if (permit.epoch !== this.#epoch) return;
    permit.epoch = SETTLED;
    this.#settle(permit.answered, this.#clock.now());
    this.#watched.changed();
  }

  isolate(): void {
    this.#become('isolated');
    this.#watched.changed();
  }

  close(): void {
    this.#reset();
    this.#watched.changed();
  }

  snapshot(): BreakerSnapshot {
    const now = this.#clock.now();
    const status = this.#status === 'half-open' ? 'open' : this.#status;
    const probeAtMs = this.#status === 'half-open' ? now : status === 'open' ? this.#probeAtMs : 0;
    return { version: 1, status, opens: this.#opens, probeAtMs, window: this.#counts.snapshot(now) };
  }

  restore(snapshot: BreakerSnapshot): void {
    const { status, opens, probeAtMs, window } = readBreakerSnapshot(snapshot);
    const now = this.#clock.now();
    this.#counts.restore(window, now);
    this.#opens = opens;
    // Another machine's clock may be ahead.
    this.#probeAtMs = Math.min(probeAtMs, now + this.#settings.maxOpenMs * (1 + JITTER));
    this.#become(status);
    this.#watched.changed();
  }

  configure(settings: BreakerSettings): void {
    this.#settings = readBreakerSettings(settings, this.#settings);
    const now = this.#clock.now();
    this.#counts.resize(this.#settings.windowMs, now);
    // Fewer probes than before may have decided by now.
    if (this.#status === 'half-open') this.#decide(now);
    this.#watched.changed();
  }

  #settle(passed: boolean, now: number): void {
    this.#round.settle(passed);
    this.#decide(now);
  }

  #decide(now: number): void {
    const passed = this.#round.verdict(this.#settings.probes, this.#settings.successes);
    if (passed === true) this.#reset();
    else if (passed === false) this.#open(now);
  }

  #open(now: number): void {
    const { openMs, maxOpenMs } = this.#settings;
    const ms = Math.min(maxOpenMs, openMs * 2 ** Math.min(this.#opens, MOST_DOUBLINGS));
    this.#opens++;
    this.#probeAtMs = now + ms * (1 - JITTER + 2 * JITTER * this.#random());
    this.#become('open');
  }

  #reset(): void {
    this.#counts.clear();
    this.#opens = 0;
    this.#become('closed');
  }

  #become(to: BreakerStatus): void {
    const from = this.#status;
    this.#status = to;
    this.#epoch++;
    this.#round.begin();
    if (from === to || !isWatched()) return;
    tell({ type: 'state', policy: POLICY, name: this.#name, atMs: this.#clock.now(), from, to });
  }

  #reject(permit: Permit, now: number): void {
    this.#counts.rejected++;
    const name = this.#name === undefined ? '' : ` of ${this.#name}`;
    const waits = this.#status !== 'isolated';
    const retryAfterMs = waits ? Math.max(0, this.#probeAtMs - now) : undefined;
    const when = waits ? `it may be tried again in ${Math.ceil(retryAfterMs!)} ms` : 'until it is closed by hand';
    if (isWatched()) tell({ type: 'rejected', policy: POLICY, name: this.#name, atMs: now, why: 'circuit-open' });
    permit.refuse(
      new RejectedError('circuit-open', `the circuit${name} is ${this.#status}: ${when}`, { retryAfterMs }),
    );
    this.#watched.changed();
  }

  #read(): BreakerState {
    const probeAtMs = this.#status === 'open' ? this.#probeAtMs : undefined;
    return { status: this.#status, probeAtMs, ...this.#counts.read(this.#clock.now()) };
  }
}
