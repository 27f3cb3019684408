import { type Deadlines, deadlinesOf } from '../deadlines.js';
import { RejectedError, TimeoutError } from '../errors.js';
import { BulkheadReport } from './bulkhead-report.js';
import {
  type BulkheadChanges,
  type BulkheadSettings,
  type BulkheadState,
  changeBulkheadSettings,
} from './bulkhead-settings.js';
import { FollowedLimit } from './followed-limit.js';
import type { Concurrency } from './limit-source.js';
import type { Outcome } from './outcome.js';
import type { Permit } from './permit.js';
import type { KeyQueue } from './waiting-class.js';
import { type Place, WaitingRoom } from './waiting-room.js';
import { WatchedState } from './watched-state.js';

/** How many may wait for each that may run, where nothing is said. */
const WAITING_PER_PLACE = 2;
/** Stands in for a limit that has not been told yet, so that some may wait for it. */
const UNTOLD_LIMIT = 16;

/**
 * Lets so many permits run at once, and keeps the others waiting.
 *
 * A place that becomes free is handed to one that waits, in one loop and at once, so nobody who comes meanwhile can
 * take it, and a million calls that complete synchronously do not pile up on the stack.
 */
export class BulkheadGate {
  readonly watched: WatchedState<BulkheadState> = new WatchedState(() => this.#look());
  readonly report: BulkheadReport;
  #settings: BulkheadSettings;
  #limit: FollowedLimit;
  readonly #onLimit = (): void => this.#settle();
  /** Counts limits: what was started under one must not be sampled by the next. */
  #epoch = 0;
  readonly #deadlines: Deadlines;
  readonly #room = new WaitingRoom();
  #running = 0;
  #used = 0;
  #serving = false;

  constructor(settings: BulkheadSettings, limit: Concurrency) {
    this.#settings = settings;
    this.#limit = new FollowedLimit(limit, 'createBulkhead.limit', this.#onLimit);
    this.report = new BulkheadReport(settings.name, settings.clock, this.#limit.now);
    this.#deadlines = deadlinesOf(settings.clock);
    this.#room.endure(settings.queueMs);
  }

  enter(permit: Permit, place: Place): void {
    permit.cost = place.cost;
    this.#follow(1);
    const { failure } = this.#limit;
    // What is subscribed to may have made it leave.
    if (!permit.isWaiting) return this.#settle();
    if (!failure && this.#room.length === 0 && this.#fits(permit)) return this.#start(permit, this.#sampledAt());
    if (failure) permit.refuse(failure.error);
    else this.#queue(permit, place);
    this.#settle();
  }

  abandon(permit: Permit, place: Place): void {
    const queue = this.#room.queueOf(place.priority, place.key);
    // Out of the line already when it leaves because it is told that it must.
    if (queue?.has(permit)) this.#takeOut(permit, queue);
    this.#settle();
  }

  leave(permit: Permit, outcome: Outcome): void {
    const used = this.#used;
    this.#used -= permit.cost;
    this.#running--;
    const now = this.#sampledAt();
    if (permit.epoch === this.#epoch) this.#limit.source?.sample?.(now - permit.sinceMs, used, outcome);
    this.#settle(now);
  }

  expire(permit: Permit, place: Place): void {
    const { queueMs } = this.#settings;
    this.#takeOut(permit, this.#room.queueOf(place.priority, place.key)!);
    this.report.expire(queueMs);
    permit.refuse(new TimeoutError('queue', queueMs));
    this.#settle();
  }

  configure(changes: BulkheadChanges): void {
    const { limit, ...settings } = changeBulkheadSettings(this.#settings, changes);
    const live = limit === undefined ? undefined : new FollowedLimit(limit, 'configure.limit', this.#onLimit);
    this.#settings = settings;
    this.#room.endure(settings.queueMs);
    if (live) {
      this.#limit.close();
      this.#limit = live;
      this.#epoch++;
    }
    this.#settle();
  }

  #fits({ cost }: Permit): boolean {
    // One that costs more than the whole limit runs alone, rather than never.
    return this.#used + cost <= this.#limit.now || (this.#used === 0 && this.#limit.now > 0);
  }

  /** The time, where the limit wants to know how long calls take; 0 where it does not. */
  #sampledAt(): number {
    return this.#limit.source?.sample ? this.#settings.clock.now() : 0;
  }

  #start(permit: Permit, now: number): void {
    this.#used += permit.cost;
    this.#running++;
    this.report.started++;
    permit.sinceMs = now;
    permit.admit(this.#epoch);
    // Told when it is admitted: a listener may make it leave.
    this.watched.changed();
  }

  #queue(permit: Permit, { priority, key }: Place): void {
    const { clock, queueMs, maxWaiting } = this.#settings;
    const now = clock.now();
    let gone: Permit | undefined;
    if (this.#room.length >= (maxWaiting ?? WAITING_PER_PLACE * (this.#limit.now || UNTOLD_LIMIT))) {
      const queue = this.#room.crowded(priority, key, now);
      if (!queue) return this.#reject(permit, 'too many wait already');
      gone = queue.worst(now);
      this.#takeOut(gone, queue);
    }
    permit.sinceMs = now;
    this.#room.push(permit, priority, key, now);
    this.#deadlines.arm(permit, queueMs, now);
    this.report.queue(this.#room.length);
    if (gone) this.#reject(gone, 'it made room for a call that is more urgent or has fewer waiting beside it');
  }

  /** Hands out what is free. A call from within another one does nothing: the outer one goes on. */
  #settle(read: number = 0): void {
    if (this.#serving) return;
    this.#serving = true;
    try {
      this.#follow(0);
      this.report.limit(this.#limit.now, !this.#limit.source);
      // The time that was read counts for the first: what is started may take its own.
      for (let now = read; this.#room.length > 0 && this.#serve(now); now = 0);
    } finally {
      this.#serving = false;
      this.#follow(0);
    }
    this.watched.changed();
  }

  /** @returns whether one of those that wait has left the room */
  #serve(read: number): boolean {
    const { failure, now: limit } = this.#limit;
    if (this.#used >= limit && !failure) return false;
    const now = read || this.#settings.clock.now();
    const queue = this.#room.turn(now);
    const first = queue.first!;
    if (failure) {
      this.#takeOut(first, queue);
      first.refuse(failure.error);
      return true;
    }
    const best = queue.best(now);
    if (!this.#fits(best)) return false;
    // The last one is served, however long it has waited: the place would stay empty.
    if (first !== queue.last && queue.stands(now) && queue.codel.drops(now - first.sinceMs, now)) {
      this.#takeOut(first, queue);
      this.#reject(first, 'calls wait too long, and it has waited longest');
      return true;
    }
    this.#room.serve(best, queue, now);
    this.#deadlines.disarm(best);
    this.#start(best, now);
    return true;
  }

  /** @param coming - how many are about to run or wait */
  #follow(coming: number): void {
    const waiting = this.#room.length;
    this.#limit.follow(coming + waiting + this.#running > 0, waiting > 0);
  }

  #takeOut(permit: Permit, queue: KeyQueue): void {
    this.#room.remove(permit, queue);
    this.#deadlines.disarm(permit);
  }

  #reject(permit: Permit, because: string): void {
    this.report.reject();
    permit.refuse(new RejectedError('queue-full', `no place among ${this.#limit.now} calls at once: ${because}`));
  }

  #look(): BulkheadState {
    const { started, rejected, expired } = this.report;
    const waiting = this.#room.length;
    return { limit: this.#limit.now, running: this.#running, used: this.#used, waiting, started, rejected, expired };
  }
}
