import type { Observable, Unsubscribable } from 'rxjs';

import type { Clock } from '../clock.js';
import type { Demand, FlowSubscriber, Publisher } from '../demand.js';
import { Outlet } from '../outlet.js';
import { overrun, pushOver, type Room } from '../overflow.js';
import { Ring } from '../ring.js';
import { isWatched, tell } from './policy-events.js';
import { limitAround, type TimeLimit, WITHIN } from './time-limit.js';

/** Values asked of a Flow ahead, and the level at which more are asked for: so few are on their way at a pause. */
const WINDOW = 16;
const LOW_TIDE = 4;

/** How a {@link PauseRun} behaves; shared by all runs of an operator. */
export interface PauseRules {
  readonly paused: Observable<boolean>;
  /** Whether the source is unsubscribed while it is paused. */
  readonly leaves: boolean;
  /** Where values of a source wait that cannot be held back. */
  readonly room: Room;
  readonly name: string | undefined;
  readonly clock: Clock;
}

/** One subscription to the source; what comes after it was left is dropped. */
class PauseInlet<T> implements FlowSubscriber<T> {
  readonly #run: PauseRun<T>;
  #demand: Demand | undefined;
  /** Values asked for and not yet here. */
  asked = 0;
  isLeft = false;

  constructor(run: PauseRun<T>) {
    this.#run = run;
  }

  get [WITHIN](): TimeLimit | undefined {
    return this.#run[WITHIN];
  }

  leave(): void {
    this.isLeft = true;
    this.#demand?.cancel();
  }

  ask(n: number): void {
    this.asked += n;
    this.#demand?.request(n);
  }

  onSubscribe(demand: Demand): void {
    if (this.isLeft || this.#demand) return demand.cancel();
    this.#demand = demand;
    this.#run.connected(this);
  }

  onNext(value: T): void {
    this.asked--;
    if (!this.isLeft) this.#run.push(value);
  }

  // Both are over by themselves, which must not be answered by a cancel (Reactive Streams rule 2.3).
  onError(error: unknown): void {
    this.#demand = undefined;
    if (!this.isLeft) this.#run.sourceFailed(error);
  }

  onComplete(): void {
    this.#demand = undefined;
    if (!this.isLeft) this.#run.sourceCompleted();
  }
}

/** Passes values on while nothing is paused; asks a Flow for none meanwhile, and keeps those of others in places. */
export class PauseRun<T> extends Outlet<T> {
  readonly [WITHIN]: TimeLimit | undefined;
  readonly #source: Publisher<T>;
  readonly #isFlow: boolean;
  readonly #rules: PauseRules;
  readonly #waiting: Ring<T> = new Ring<T>(1);
  #inlet: PauseInlet<T> | undefined;
  #signal: Unsubscribable | undefined;
  #isPaused = false;
  #isOver = false;

  constructor(source: Publisher<T>, isFlow: boolean, to: FlowSubscriber<T>, rules: PauseRules) {
    super(to);
    this[WITHIN] = limitAround(to);
    this.#source = source;
    this.#isFlow = isFlow;
    this.#rules = rules;
  }

  run(): void {
    this.start();
    if (!this.isOpen) return;
    const signal = this.#rules.paused.subscribe({
      next: (isPaused) => this.#turn(isPaused),
      error: (error: unknown) => {
        // Nothing could end the pause any more.
        this.#isPaused = false;
        this.#cut(error);
      },
    });
    // The signal may have ended this run within `subscribe`.
    if (!this.isOpen) return signal.unsubscribe();
    this.#signal = signal;
    if (!this.#inlet && !this.#isOver && !(this.#isPaused && this.#rules.leaves)) this.#connect();
  }

  connected(inlet: PauseInlet<T>): void {
    if (this.#isFlow) this.drain();
    else inlet.ask(Infinity);
  }

  push(value: T): void {
    const { room } = this.#rules;
    const wanted = this.#isPaused ? 0 : this.requested;
    if (this.#isFlow || this.#waiting.length - wanted < room.capacity) this.#waiting.push(value);
    else if (!pushOver(this.#waiting, value, room.overflow)) return this.#cut(overrun(room, 'pauseWhile'));
    this.drain();
  }

  sourceFailed(error: unknown): void {
    this.#isOver = true;
    this.fail(error);
  }

  sourceCompleted(): void {
    this.#isOver = true;
    this.complete();
  }

  protected override get held(): number {
    return this.#waiting.length;
  }

  protected override pull(): boolean {
    if (this.#isPaused || this.#waiting.length === 0) return false;
    this.emit(this.#waiting.shift() as T);
    return true;
  }

  protected override idle(wanted: number): void {
    const inlet = this.#inlet;
    if (!inlet || !this.#isFlow || this.#isPaused) return;
    const goal = Math.min(wanted, WINDOW);
    const missing = goal - inlet.asked;
    if (missing >= (goal < WINDOW ? 1 : LOW_TIDE)) inlet.ask(missing);
  }

  protected override release(): void {
    this.#waiting.clear();
    this.#signal?.unsubscribe();
    this.#leave();
  }

  #turn(given: boolean): void {
    const isPaused = Boolean(given);
    if (isPaused === this.#isPaused) return;
    this.#isPaused = isPaused;
    const { leaves, name, clock } = this.#rules;
    if (isWatched()) {
      const [from, to] = isPaused ? ['running', 'paused'] : ['paused', 'running'];
      tell({ type: 'state', policy: 'pauseWhile', name, atMs: clock.now(), from: from!, to: to! });
    }
    // Whoever listens may have turned it again.
    if (this.#isPaused !== isPaused || !this.isOpen) return;
    if (isPaused && leaves) this.#leave();
    if (!isPaused && leaves && !this.#isOver) this.#connect();
    if (!isPaused) this.drain();
  }

  #connect(): void {
    this.#inlet = new PauseInlet(this);
    this.#source.subscribe(this.#inlet);
  }

  #leave(): void {
    const inlet = this.#inlet;
    this.#inlet = undefined;
    inlet?.leave();
  }

  /** Leaves the source and fails, after what waits. */
  #cut(error: unknown): void {
    this.#isOver = true;
    this.#leave();
    this.fail(error);
  }
}
