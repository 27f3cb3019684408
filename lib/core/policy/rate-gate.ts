import { RejectedError } from '../errors.js';
import { reportUnhandled } from '../outlet.js';
import type { Outcome } from './outcome.js';
import type { Gate, Permit } from './permit.js';
import { isWatched, tell } from './policy-events.js';
import type { RateHint } from './rate-hint.js';
import { Gcra, type Pace, SlidingLog } from './rate-pace.js';
import {
  changeRateSettings,
  type RateLimiterSettings,
  type RateLimiterState,
  type RateSettings,
} from './rate-settings.js';
import { ServerQuotas } from './server-quotas.js';
import { WaitList } from './wait-list.js';
import { WatchedState } from './watched-state.js';

/** Timers fire a little late: a start that was late by no more does not put off the ones after it. */
const GRAIN_MS = 1;

/**
 * Lets permits start at the pace of a limit, in the order of their coming.
 *
 * Nobody holds a reservation: whoever waits is in a list, and one timer waits for the first of it. So one that leaves
 * makes room for those behind it, at once.
 */
export class RateGate implements Gate {
  readonly watched: WatchedState<RateLimiterState> = new WatchedState(() => this.#look());
  readonly pace: Pace;
  readonly quotas: ServerQuotas;
  settings: RateSettings;
  /** Starts so far; each permit keeps the number of its own. */
  started = 0;
  rejected = 0;
  readonly #waiting = new WaitList();
  readonly #onTimer = (): void => {
    this.#cancelTimer = undefined;
    this.#dueMs = Infinity;
    this.serve();
  };
  #cancelTimer: (() => void) | undefined;
  #dueMs = Infinity;
  #serving = false;

  constructor(settings: RateSettings) {
    this.settings = settings;
    this.pace = settings.algorithm === 'log' ? new SlidingLog(settings) : new Gcra(settings);
    this.quotas = new ServerQuotas(settings.random);
  }

  enter(permit: Permit): void {
    const { clock, maxWaiting, queueMs, name } = this.settings;
    const now = clock.now();
    const { length } = this.#waiting;
    const opensMs = this.#opensAt(length);
    if (length === 0 && opensMs <= now) return this.#start(permit, now, now);
    if (length >= maxWaiting || opensMs - now > queueMs) return this.#reject(permit, now, opensMs);
    permit.sinceMs = now;
    this.#waiting.push(permit);
    if (isWatched()) tell({ type: 'queued', policy: 'limitRate', name, atMs: now, waiting: length + 1 });
    this.#arm(now);
    this.watched.changed();
  }

  abandon(permit: Permit): void {
    // Out of the list already when it leaves because others are told that it is turned away.
    if (this.#waiting.has(permit)) this.#waiting.remove(permit);
    this.#arm(this.settings.clock.now());
    this.watched.changed();
  }

  leave(permit: Permit, _outcome: Outcome, error: unknown): void {
    if (error !== undefined) this.heard(permit, error);
  }

  heard(permit: Permit, said: unknown): void {
    let hint: RateHint | undefined;
    try {
      hint = this.settings.read(said);
    } catch (error) {
      // The call that was answered is none the worse for it.
      reportUnhandled(error);
    }
    if (hint) this.heed(hint, permit.epoch);
  }

  heed(hint: RateHint, epoch: number = this.started): void {
    const { clock, name } = this.settings;
    const now = clock.now();
    const before = this.quotas.opensAt(0);
    this.quotas.heed(hint, now, epoch, this.started);
    const untilMs = this.quotas.opensAt(0);
    if (untilMs > Math.max(now, before) && isWatched()) {
      tell({ type: 'held', policy: 'limitRate', name, atMs: now, untilMs });
    }
    this.serve();
    this.watched.changed();
  }

  configure(changes: RateLimiterSettings): void {
    const { limit: from, clock, name } = this.settings;
    this.settings = changeRateSettings(this.settings, changes);
    const { limit: to } = this.settings;
    this.pace.retime(this.settings);
    if (to !== from && isWatched()) tell({ type: 'limit', policy: 'limitRate', name, atMs: clock.now(), from, to });
    this.serve();
    this.watched.changed();
  }

  /** Lets start who may. A call from within another one does nothing: the outer one goes on. */
  serve(): void {
    if (this.#serving) return;
    const { clock } = this.settings;
    this.#serving = true;
    try {
      while (this.#step(clock.now()));
    } finally {
      this.#serving = false;
      this.#arm(clock.now());
    }
  }

  /** @returns whether the first in the list has left it */
  #step(now: number): boolean {
    const { first } = this.#waiting;
    if (!first) return false;
    const opensMs = this.#opensAt(0);
    const isOpen = opensMs <= now;
    if (!isOpen && now - first.sinceMs < this.settings.queueMs) return false;
    this.#waiting.remove(first);
    if (isOpen) this.#start(first, now, Math.max(opensMs, now - GRAIN_MS));
    else this.#reject(first, now, opensMs);
    return true;
  }

  #start(permit: Permit, now: number, dueMs: number): void {
    const serverMs = this.quotas.opensAt(0);
    if (serverMs > this.pace.opensAt(0)) this.pace.drain(serverMs);
    this.pace.take(now, dueMs);
    this.quotas.take(now);
    this.started++;
    permit.admit(this.started);
    // Told when it is admitted: a listener may make it leave.
    this.watched.changed();
  }

  #reject(permit: Permit, now: number, opensMs: number): void {
    const { name, limit, windowMs } = this.settings;
    const why = 'rate-limited';
    this.rejected++;
    if (isWatched()) tell({ type: 'rejected', policy: 'limitRate', name, atMs: now, why });
    this.watched.changed();
    const retryAfterMs = Math.max(0, Math.ceil(opensMs - now));
    const message = `more calls than ${limit} in ${windowMs} ms, or than the server allows: come back in ${retryAfterMs} ms`;
    permit.refuse(new RejectedError(why, message, { retryAfterMs }));
  }

  #opensAt(behind: number): number {
    return Math.max(this.pace.opensAt(behind), this.quotas.opensAt(behind));
  }

  /** One timer, for whatever comes first: the next start, or the end of the first one's patience. */
  #arm(now: number): void {
    if (this.#serving) return;
    const { first } = this.#waiting;
    const dueMs = first ? Math.min(this.#opensAt(0), first.sinceMs + this.settings.queueMs) : Infinity;
    if (dueMs === this.#dueMs) return;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#dueMs = dueMs;
    // A whole millisecond at least: a shorter rest may be less than the clock can tell, and the timer would spin.
    const waitMs = Math.max(1, Math.ceil(dueMs - now));
    if (dueMs < Infinity) this.#cancelTimer = this.settings.clock.after(waitMs, this.#onTimer);
  }

  #look(): RateLimiterState {
    const { limit, windowMs } = this.settings;
    const { started, rejected } = this;
    const opensAtMs = Math.max(0, this.#opensAt(0));
    return { limit, windowMs, waiting: this.#waiting.length, started, rejected, opensAtMs };
  }
}
