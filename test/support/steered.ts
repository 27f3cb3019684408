import type { Clock } from '../../lib/core/clock.js';
import type { FlowSubscriber } from '../../lib/core/demand.js';
import { Flow } from '../../lib/core/flow.js';

/** Time that passes when a test says so, and the timers that are set in it. */
export class HandClock implements Clock {
  #now = 1_000_000;
  #set = 0;
  readonly #timers = new Map<number, { at: number; run: () => void }>();

  /** Timers that are set and have neither run nor been cancelled. */
  get timers(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): () => void {
    const id = ++this.#set;
    this.#timers.set(id, { at: this.#now + Math.max(0, ms), run });
    return () => void this.#timers.delete(id);
  }

  /** Lets time pass; timers run in the order of their times. */
  pass(ms: number): void {
    const end = this.#now + ms;
    for (let next = this.#due(end); next; next = this.#due(end)) {
      const [id, { at, run }] = next;
      this.#timers.delete(id);
      this.#now = at;
      run();
    }
    this.#now = end;
  }

  #due(end: number) {
    const sorted = [...this.#timers].toSorted(([a, x], [b, y]) => x.at - y.at || a - b);
    return sorted.find(([, { at }]) => at <= end);
  }
}

/** One run of a {@link Steered} source. */
export interface SteeredRun<T> {
  readonly to: FlowSubscriber<T>;
  /** What was asked for, call by call. */
  readonly asked: number[];
  cancelled: boolean;
}

/** A source whose runs do what the test says, and note what is asked of them. */
export class Steered<T> {
  readonly runs: SteeredRun<T>[] = [];
  readonly flow: Flow<T> = new Flow<T>({
    subscribe: (to) => {
      const run: SteeredRun<T> = { to, asked: [], cancelled: false };
      this.runs.push(run);
      to.onSubscribe({ request: (n) => void run.asked.push(n), cancel: () => void (run.cancelled = true) });
    },
  });

  /** The subscriber of the newest run. */
  get to(): FlowSubscriber<T> {
    return this.runs.at(-1)!.to;
  }
}
