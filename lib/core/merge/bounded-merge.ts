import type { Demand, FlowSubscriber } from '../demand.js';
import { Outlet } from '../outlet.js';
import type { LimitListener } from '../policy/limit-source.js';
import { outcomeOf } from '../policy/outcome.js';
import type { SlotOwner } from '../slots.js';
import type { Backlog } from './backlog.js';
import { Calls, type MergeCall, ResultLine } from './merge-call.js';
import type { MergeRules } from './merge-rules.js';
import type { Places } from './places.js';

/**
 * Runs calls side by side and sends their results as they come.
 *
 * A value waits in the backlog until there is a place and its turn has come. It keeps the place until its call is over
 * and all its results have left. The calls that have results are served in turn, one result each.
 *
 * What else a merge does, its subclass says: what becomes of a result, of a failure, and how it ends.
 */
export class BoundedMerge<T, R, O = R> extends Outlet<O> implements FlowSubscriber<T>, SlotOwner<R>, LimitListener {
  readonly #rules: MergeRules<T, R>;
  readonly #places: Places;
  readonly #backlog: Backlog<T>;
  readonly #calls = new Calls<T, R>();
  readonly #line = new ResultLine<T, R>();
  #source: Demand | undefined;
  #sourceOver = false;
  #started = false;
  #filling = false;
  /** Values asked of the source and not yet here. */
  #awaited = 0;

  constructor(to: FlowSubscriber<O>, rules: MergeRules<T, R>) {
    super(to);
    this.#rules = rules;
    this.#places = rules.places();
    this.#backlog = rules.backlog();
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
    try {
      this.#backlog.push(value);
    } catch (error) {
      return this.stop(error);
    }
    this.#fill();
  }

  onError(error: unknown): void {
    if (this.#sourceOver) return;
    this.#sourceOver = true;
    this.stop(error);
  }

  onComplete(): void {
    this.#sourceOver = true;
    this.#endIfDone();
  }

  limitChanged(): void {
    this.#fill();
    this.drain();
  }

  limitFailed(error: unknown): void {
    this.stop(error);
  }

  advance(call: MergeCall<T, R>): void {
    if (call.state === 'complete') this.#places.ended(call, 'success');
    if (call.isListed) this.settle(call);
  }

  cut(call: MergeCall<T, R>): void {
    this.#places.ended(call, outcomeOf(call.error));
    if (call.isListed) this.failed(call);
  }

  /** A call has failed, and what it has sent before may still wait. */
  protected failed(call: MergeCall<T, R>): void {
    this.stop(call.error);
  }

  /** Takes what a call has to say next. */
  protected take(call: MergeCall<T, R>): O {
    return call.shift() as unknown as O;
  }

  protected hasMore(call: MergeCall<T, R>): boolean {
    return call.held > 0;
  }

  /** The source is over, and so is every call. */
  protected finish(): void {
    this.complete();
  }

  /** Passes an error on behind the results that are here already, and stops all else. */
  protected stop(error: unknown): void {
    this.#dropAllBut(undefined);
    this.fail(error);
  }

  /** Stops all but one call, and forgets their results. */
  protected keepOnly(call: MergeCall<T, R>): void {
    this.#dropAllBut(call);
    this.#line.clear();
  }

  /** Puts a call that has results in line, and lets one go that has none left. */
  protected settle(call: MergeCall<T, R>): void {
    if (this.hasMore(call)) this.#line.push(call);
    else if (call.state === 'complete') this.#retire(call);
    this.drain();
  }

  protected override get held(): number {
    return this.#line.first ? 1 : 0;
  }

  protected pull(): boolean {
    const call = this.#line.shift();
    if (!call) return false;
    const result = this.take(call);
    const isLast = call.state === 'complete' && !this.hasMore(call);
    // All this before the result leaves: whoever gets it may change everything.
    if (this.hasMore(call)) this.#line.push(call);
    if (isLast) this.#retire(call);
    else if (call.state === 'running') call.replenish();
    this.emit(result);
    return true;
  }

  protected override idle(wanted: number): void {
    if (wanted > 0) this.#started = true;
    if (!this.#started || this.#sourceOver) return;
    const places = this.#places.now + this.#rules.lookAhead;
    const room = places - this.#calls.count - this.#backlog.length - this.#awaited;
    // NaN where there is no bound and all has been asked for.
    if (!(room > 0 && room >= Math.floor(places / 4))) return;
    this.#awaited += room;
    this.#source!.request(room);
  }

  protected release(): void {
    this.#dropAllBut(undefined);
    this.#line.clear();
    this.#places.close();
  }

  /** Starts what may start. What is started may end at once: then this loop goes on, not one within it. */
  #fill(): void {
    if (this.#filling) return;
    this.#filling = true;
    while (this.#backlog.isReady && this.#calls.count < this.#places.now) this.#run();
    this.#filling = false;
  }

  #run(): void {
    const call = this.#calls.add(this);
    const value = this.#backlog.take(call);
    call.input = value;
    this.#places.started(call);
    call.run(this.#rules.project, value);
  }

  #retire(call: MergeCall<T, R>): void {
    if (!call.isListed) return;
    this.#backlog.giveBack(call);
    this.#calls.remove(call);
    this.#fill();
    this.#endIfDone();
  }

  #endIfDone(): void {
    if (this.#sourceOver && this.#calls.count === 0 && this.#backlog.length === 0) this.finish();
  }

  #dropAllBut(kept: MergeCall<T, R> | undefined): void {
    const over = this.#sourceOver;
    this.#sourceOver = true;
    this.#backlog.clear();
    // Out of the list before the first is told: one that answers the abort of another is not heard any more.
    let call = this.#calls.keepOnly(kept);
    if (!over) this.#source?.cancel();
    for (; call; call = call.next) {
      if (call.state !== 'running') continue;
      call.drop();
      this.#places.ended(call, 'ignored');
    }
  }
}
