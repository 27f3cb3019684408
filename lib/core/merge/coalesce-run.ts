import type { Clock } from '../clock.js';
import { type Deadlines, deadlinesOf } from '../deadlines.js';
import type { Demand, FlowSubscriber } from '../demand.js';
import { TimeoutError } from '../errors.js';
import { Outlet } from '../outlet.js';
import type { LimitListener } from '../policy/limit-source.js';
import { outcomeOf } from '../policy/outcome.js';
import { isWatched, tell } from '../policy/policy-events.js';
import type { Project } from '../project.js';
import { Ring } from '../ring.js';
import { Admission } from './admission.js';
import { type CallKey, comparable } from './call-key.js';
import type { CountedPlaces } from './counted-places.js';
import type { SharedCalls } from './shared-calls.js';
import { Waiter, type WaiterOwner } from './waiter.js';

/** How a {@link CoalesceRun} behaves; shared by all runs of an operator. */
export interface CoalesceRules<T, R> {
  readonly project: Project<T, R>;
  readonly keyOf: (value: T) => CallKey;
  readonly places: () => CountedPlaces;
  readonly capacity: number;
  readonly deadlineMs: number;
  readonly clock: Clock;
}

/**
 * Lets each value of a source wait for a call, its own or one that runs already, and sends the answers as they come.
 *
 * Places are for the calls that this run has started. A value that joins a call takes none, and passes by those that
 * wait for a place: or a thousand values that ask for the same would ask for it again for each sixteen of them. What
 * bounds the run is the number of values that wait, for whatever.
 */
export class CoalesceRun<T, R> extends Outlet<R> implements FlowSubscriber<T>, WaiterOwner<R>, LimitListener {
  readonly #rules: CoalesceRules<T, R>;
  readonly #calls: SharedCalls<R>;
  readonly #places: CountedPlaces;
  readonly #admission: Admission<T, R>;
  readonly #deadlines: Deadlines;
  readonly #waiters = new Set<Waiter<R>>();
  /** Those that hold values, in the order in which their turn comes. */
  readonly #ready = new Ring<Waiter<R>>(1);
  #source: Demand | undefined;
  #sourceOver = false;
  #started = false;
  /** Values asked of the source and not yet here. */
  #awaited = 0;
  #held = 0;

  constructor(to: FlowSubscriber<R>, calls: SharedCalls<R>, rules: CoalesceRules<T, R>) {
    super(to);
    this.#rules = rules;
    this.#calls = calls;
    this.#places = rules.places();
    this.#admission = new Admission(rules.project, calls, this.#places, rules.clock);
    this.#deadlines = deadlinesOf(rules.clock);
  }

  onSubscribe(demand: Demand): void {
    if (this.#source) return demand.cancel();
    this.#source = demand;
    this.#places.follow(this);
    this.start();
  }

  onNext(value: T): void {
    if (this.#sourceOver) return;
    this.#awaited--;
    let key: unknown;
    try {
      key = comparable(this.#rules.keyOf(value), 'coalesceMap.keyOf');
    } catch (error) {
      return this.#cut(error);
    }
    // Whoever tells the key may have left.
    if (this.#sourceOver) return;
    this.#enter(key, value);
    this.drain();
  }

  onError(error: unknown): void {
    this.#sourceOver = true;
    this.#cut(error);
  }

  onComplete(): void {
    this.#sourceOver = true;
    this.drain();
  }

  arrived(waiter: Waiter<R>): void {
    this.#held++;
    if (waiter.held === 1) this.#ready.push(waiter);
    this.#deadlines.disarm(waiter);
    this.drain();
  }

  ended(waiter: Waiter<R>): void {
    if (waiter.leads) this.#places.ended(waiter, 'success');
    if (waiter.held === 0) this.#done(waiter);
    this.drain();
  }

  failed(waiter: Waiter<R>, error: unknown): void {
    if (waiter.leads) this.#places.ended(waiter, outcomeOf(error));
    this.#cut(error);
  }

  late(): void {
    const { clock, deadlineMs } = this.#rules;
    if (isWatched()) {
      const { name } = this.#calls;
      tell({ type: 'timeout', policy: 'coalesceMap', name, atMs: clock.now(), which: 'total', limitMs: deadlineMs });
    }
    this.#cut(new TimeoutError('total', deadlineMs, {}, 'coalesceMap.deadlineMs'));
  }

  limitChanged(): void {
    this.drain();
  }

  limitFailed(error: unknown): void {
    this.#cut(error);
  }

  protected override get held(): number {
    return this.#held;
  }

  protected pull(): boolean {
    const waiter = this.#ready.shift();
    if (!waiter) return false;
    const value = waiter.shift();
    this.#held--;
    if (waiter.held > 0) this.#ready.push(waiter);
    else if (!waiter.runs) this.#done(waiter);
    this.emit(value);
    waiter.passed();
    return true;
  }

  protected override idle(wanted: number): void {
    if (wanted > 0) this.#started = true;
    this.#admission.admit();
    if (this.#sourceOver && this.#waiters.size === 0) return this.complete();
    if (this.#sourceOver || !this.#started) return;
    const { capacity } = this.#rules;
    const room = capacity - this.#waiters.size - this.#awaited;
    // NaN where the capacity is Infinity and all has been asked for.
    if (!(room >= Math.max(1, Math.floor(capacity / 4)))) return;
    this.#awaited += room;
    this.#source!.request(room);
  }

  protected release(): void {
    this.#places.close();
    this.#leaveAll();
    this.#ready.clear();
  }

  #enter(key: unknown, value: T): void {
    const waiter = new Waiter<R>(this);
    this.#waiters.add(waiter);
    this.#admission.enter(key, value, waiter);
    const isWaiting = this.#waiters.has(waiter) && waiter.taken + waiter.held === 0;
    if (isWaiting) this.#deadlines.arm(waiter, this.#rules.deadlineMs);
  }

  #done(waiter: Waiter<R>): void {
    this.#waiters.delete(waiter);
    this.#deadlines.disarm(waiter);
    if (waiter.leads) this.#places.give();
  }

  /** The first error: nothing that still runs is wanted any more; what has arrived still leaves. */
  #cut(error: unknown): void {
    this.#leaveAll();
    this.fail(error);
  }

  #leaveAll(): void {
    const over = this.#sourceOver;
    this.#sourceOver = true;
    if (!over) this.#source?.cancel();
    this.#admission.clear();
    for (const waiter of this.#waiters) {
      this.#deadlines.disarm(waiter);
      waiter.leave();
      if (waiter.held === 0) this.#waiters.delete(waiter);
    }
  }
}
