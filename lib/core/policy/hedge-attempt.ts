import { Timed } from '../deadlines.js';
import type { Demand, FlowSubscriber } from '../demand.js';
import { Ring } from '../ring.js';

/** Progress events of a hedge that may wait for it to win; what comes beyond them is dropped. */
const MOST_PROGRESS = 64;

/** Who runs attempts. */
export interface AttemptOwner<T> {
  /** The attempt can be asked now. */
  ask(attempt: Attempt<T>): void;
  arrived(attempt: Attempt<T>, value: T): void;
  failed(attempt: Attempt<T>, error: unknown): void;
  completed(attempt: Attempt<T>): void;
  /** The attempt has taken too long. */
  due(attempt: Attempt<T>): void;
}

/** One of the attempts of a call. */
export class Attempt<T> extends Timed implements FlowSubscriber<T> {
  /** Counted from 1; the first one is the call itself. */
  readonly number: number;
  demand: Demand | undefined;
  /** Asked for, and not yet here. */
  asked = 0;
  /** When it was first asked for something. */
  sinceMs: number | undefined;
  isOver = false;
  readonly #run: AttemptOwner<T>;
  #progress: Ring<T> | undefined;

  constructor(run: AttemptOwner<T>, number: number) {
    super();
    this.#run = run;
    this.number = number;
  }

  onSubscribe(demand: Demand): void {
    if (this.isOver || this.demand) return demand.cancel();
    this.demand = demand;
    this.#run.ask(this);
  }

  onNext(value: T): void {
    if (this.isOver) return;
    this.asked--;
    this.#run.arrived(this, value);
  }

  onError(error: unknown): void {
    if (this.isOver) return;
    this.isOver = true;
    this.#run.failed(this, error);
  }

  onComplete(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.#run.completed(this);
  }

  override expire(): void {
    this.#run.due(this);
  }

  /** Keeps a progress event until it is known whether anybody wants it. */
  keep(value: T): void {
    this.#progress ??= new Ring<T>(4);
    if (this.#progress.length < MOST_PROGRESS) this.#progress.push(value);
  }

  /** Hands over the progress events it has kept. */
  handOver(to: Ring<T>): void {
    while (this.#progress?.length) to.push(this.#progress.shift() as T);
  }
}
