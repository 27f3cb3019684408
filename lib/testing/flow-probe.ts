import { systemClock } from '../core/clock.js';
import type { Demand, FlowSubscriber } from '../core/demand.js';
import { FLOW, type Flow } from '../core/flow.js';

/** How long a check waits for what must come, and how often it looks. Unit: milliseconds. */
const PATIENCE_MS = 2_000;
/** A stream that does not stop when it must would go on for ever. */
const RUNAWAY = 100_000;

/** How a run ended. */
export type Ending = 'complete' | 'error' | undefined;

/** A subscriber that keeps the rules and notes what it is told. */
export class Probe<T = unknown> implements FlowSubscriber<T> {
  /** What it was told, in order. */
  readonly calls: string[] = [];
  readonly values: T[] = [];
  error: unknown;
  ending: Ending;
  demand: Demand | undefined;
  /** Most `onNext` calls that were on the stack at once. */
  deepest = 0;
  #depth = 0;
  #afterCancel = 0;
  #cancelled = false;
  readonly #onSubscribed: (probe: Probe<T>) => void;
  readonly #onValue: (probe: Probe<T>) => void;

  constructor(onSubscribed: (probe: Probe<T>) => void = nothing, onValue: (probe: Probe<T>) => void = nothing) {
    this.#onSubscribed = onSubscribed;
    this.#onValue = onValue;
  }

  onSubscribe(demand: Demand): void {
    this.calls.push('onSubscribe');
    if (this.demand) return demand.cancel();
    this.demand = demand;
    this.#onSubscribed(this);
  }

  onNext(value: T): void {
    if (this.#cancelled && ++this.#afterCancel > RUNAWAY) throw new Error('values still come after cancel');
    this.calls.push('onNext');
    this.values.push(value);
    this.deepest = Math.max(this.deepest, ++this.#depth);
    try {
      this.#onValue(this);
    } finally {
      this.#depth--;
    }
  }

  onError(error: unknown): void {
    this.calls.push('onError');
    this.error = error;
    this.ending = 'error';
  }

  onComplete(): void {
    this.calls.push('onComplete');
    this.ending = 'complete';
  }

  request(n: number): void {
    this.demand?.request(n);
  }

  cancel(): void {
    this.#cancelled = true;
    this.demand?.cancel();
  }

  /** Waits until it has `count` values, or the run is over. */
  async has(count: number): Promise<void> {
    await until(() => this.values.length >= count || this.ending !== undefined);
  }

  /** Waits for the end. */
  async ended(): Promise<void> {
    await until(() => this.ending !== undefined);
  }
}

function nothing(): void {}

/** Subscribes a new probe that asks for `n` values at once; for none when `n` is 0. */
export function probe<T>(flow: Flow<T>, n = 0, onValue?: (probe: Probe<T>) => void): Probe<T> {
  const made = new Probe<T>((one) => (n === 0 ? undefined : one.request(n)), onValue);
  flow[FLOW].subscribe(made);
  return made;
}

/** One turn of the event loop. */
function turn(): Promise<void> {
  return new Promise((resolve) => void systemClock.after(0, resolve));
}

/** Waits until a condition holds; gives up, for the assertion after it to fail, when it takes too long. */
export async function until(holds: () => boolean): Promise<void> {
  const endMs = systemClock.now() + PATIENCE_MS;
  await Promise.resolve();
  while (!holds() && systemClock.now() < endMs) await turn();
}

/** Waits for what should not come: a few turns of the event loop. */
export async function quiet(): Promise<void> {
  for (let turns = 0; turns < 3; turns++) await turn();
}
