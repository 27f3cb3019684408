import type { FlowSubscriber, Publisher } from '../demand.js';
import { type Deadlines, deadlinesOf } from '../deadlines.js';
import { type ApiError, isApiError } from '../errors.js';
import { Outlet, reportUnhandled } from '../outlet.js';
import { isProgress } from '../progress.js';
import { Ring } from '../ring.js';
import type { HedgePolicy } from './hedge.js';
import { Attempt, type AttemptOwner } from './hedge-attempt.js';

/**
 * Runs a call, and beside it a second one where the first takes longer than most do. The first to bring a value wins,
 * and the others are cancelled at that moment.
 *
 * The first attempt's progress events pass as they come, those of hedges once they win: whoever reads the head of an
 * answer must read the one that belongs to the value behind it.
 */
export class HedgeRun<T> extends Outlet<T> implements AttemptOwner<T> {
  readonly #source: Publisher<T>;
  readonly #policy: HedgePolicy;
  readonly #deadlines: Deadlines;
  /** Made when something has to wait: the winner's values pass as they come. */
  #ready: Ring<T> | undefined;
  /** The attempts that run. */
  readonly #attempts: Attempt<T>[] = [];
  #started = 0;
  /** The latest attempt whose source has returned from `subscribe`. */
  #launched = 0;
  #winner: Attempt<T> | undefined;
  #error: unknown;

  constructor(source: Publisher<T>, to: FlowSubscriber<T>, policy: HedgePolicy) {
    super(to);
    this.#source = source;
    this.#policy = policy;
    this.#deadlines = deadlinesOf(policy.clock);
  }

  run(): void {
    this.start();
    if (!this.isOpen) return;
    this.#policy.begin();
    if (this.isOpen) this.#launch();
  }

  /** Asks an attempt for what is wanted; one that may lose, for its first value. */
  ask(attempt: Attempt<T>): void {
    const wanted = this.requested - this.held;
    const most = attempt.number === 1 || attempt === this.#winner ? wanted : Math.min(1, wanted);
    const missing = most - attempt.asked;
    // NaN where all has been asked for.
    if (!(missing > 0) || !attempt.demand) return;
    const isFirst = attempt.sinceMs === undefined;
    if (isFirst) attempt.sinceMs = this.#policy.clock.now();
    attempt.asked += missing;
    attempt.demand.request(missing);
    if (isFirst && attempt.number === this.#launched) this.#arm(attempt);
  }

  arrived(attempt: Attempt<T>, value: T): void {
    if (!this.#winner && isProgress(value)) {
      if (attempt.number > 1) {
        attempt.keep(value);
        return this.ask(attempt);
      }
    } else if (!this.#winner) this.#win(attempt);
    if (this.pass(value)) return;
    this.#queue().push(value);
    this.drain();
  }

  completed(attempt: Attempt<T>): void {
    if (!this.#winner) this.#win(attempt);
    this.complete();
  }

  failed(attempt: Attempt<T>, error: unknown): void {
    this.#remove(attempt);
    if (attempt === this.#winner) return this.fail(error);
    if (attempt.number === 1) this.#error = error;
    if (!isApiError(error) || !mayPass(error)) return this.#end(error);
    if (error.kind === 'timeout' && error.transient) this.#record(attempt);
    // No attempt more, except in place of this one.
    const latest = this.#attempts.at(-1);
    if (latest) this.#deadlines.disarm(latest);
    if (error.retryable && error.retryAfterMs === undefined && this.#hedge(attempt)) return;
    if (this.#attempts.length === 0) this.#end(this.#error);
  }

  /** An attempt has taken too long. */
  due(attempt: Attempt<T>): void {
    this.#hedge(attempt);
  }

  protected pull(): boolean {
    if (!this.#ready?.length) return false;
    this.emit(this.#ready.shift() as T);
    return true;
  }

  protected override idle(): void {
    const only = this.#winner ?? (this.#attempts.length === 1 ? this.#attempts[0] : undefined);
    if (only) return this.ask(only);
    // A copy: what is asked may end an attempt, or start one.
    for (const attempt of [...this.#attempts]) this.ask(attempt);
  }

  protected override get held(): number {
    return this.#ready ? this.#ready.length : 0;
  }

  protected release(): void {
    this.#ready?.clear();
    this.#dropAll();
  }

  #queue(): Ring<T> {
    return (this.#ready ??= new Ring<T>(1));
  }

  #launch(): void {
    const attempt = new Attempt<T>(this, ++this.#started);
    this.#attempts.push(attempt);
    this.#source.subscribe(attempt);
    this.#launched = Math.max(this.#launched, attempt.number);
    if (attempt.sinceMs !== undefined) this.#arm(attempt);
  }

  /**
   * Sets the time after which an attempt gets company: once something is asked of it, since a call that nobody wants
   * anything of is not late; and once `subscribe` is over, so that a source which answers at once needs no timer.
   */
  #arm(attempt: Attempt<T>): void {
    const started = this.#started;
    if (attempt.isOver || this.#winner || attempt.number !== started || started > this.#policy.maxHedges) return;
    const { delayMs } = this.#policy;
    if (delayMs !== undefined) this.#deadlines.arm(attempt, delayMs);
  }

  /** @returns whether there is nothing more to decide: a hedge was sent, or nobody waits for one any more */
  #hedge(after: Attempt<T>): boolean {
    const policy = this.#policy;
    if (this.#started > policy.maxHedges || policy.delayMs === undefined || !policy.take()) return false;
    // Whoever listens to a budget may have cancelled.
    if (!this.isOpen) policy.giveBack();
    else {
      policy.sent(this.#started + 1, policy.clock.now() - (after.sinceMs ?? policy.clock.now()));
      if (this.isOpen) this.#launch();
    }
    return true;
  }

  #win(winner: Attempt<T>): void {
    this.#winner = winner;
    this.#record(winner);
    // One that was overtaken would have taken longer. One that was not given the time says nothing.
    for (const attempt of this.#attempts) if (attempt.number < winner.number) this.#record(attempt);
    if (winner.number > 1) this.#policy.won();
    this.#dropAll(winner);
    if (this.#attempts.length > 1) this.#attempts.splice(0, Infinity, winner);
    if (winner.number > 1) winner.handOver(this.#queue());
  }

  #record({ sinceMs }: Attempt<T>): void {
    if (sinceMs !== undefined) this.#policy.record(this.#policy.clock.now() - sinceMs);
  }

  #end(error: unknown): void {
    this.#dropAll();
    this.fail(error);
  }

  #remove(attempt: Attempt<T>): void {
    this.#deadlines.disarm(attempt);
    const index = this.#attempts.indexOf(attempt);
    if (index >= 0) this.#attempts.splice(index, 1);
  }

  /** Cancels all, or all but one. What one of them throws must not keep the others, nor the value that has come. */
  #dropAll(except?: Attempt<T>): void {
    for (const attempt of this.#attempts) {
      this.#deadlines.disarm(attempt);
      if (attempt === except || attempt.isOver) continue;
      attempt.isOver = true;
      try {
        attempt.demand?.cancel();
      } catch (error) {
        reportUnhandled(error);
      }
    }
  }
}

/** Whether another attempt may fare better: the failure may pass, or this attempt alone was turned away. */
function mayPass({ transient, kind }: ApiError): boolean {
  return transient || kind === 'rejected' || kind === 'timeout';
}
