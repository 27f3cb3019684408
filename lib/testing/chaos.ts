import { type Clock, systemClock } from '../core/clock.js';
import type { FlowSubscriber, Publisher } from '../core/demand.js';
import { ConfigError, NetworkError } from '../core/errors.js';
import type { FlowOperator } from '../core/flow.js';
import { flowOperator } from '../core/flow-operator.js';
import { atLeast } from '../core/numbers.js';
import { readOptions } from '../core/options.js';
import { Relay } from '../core/policy/relay.js';
import { type Random, systemRandom } from '../core/random.js';

/** Settings for {@link chaos}; chances are from 0, never, to 1, always. */
export interface ChaosOptions {
  /** How likely a subscription fails. @defaultValue 0 */
  readonly errorChance?: number;
  /** Makes its error; `count` is which one it is, from 1. @defaultValue a retryable NetworkError */
  readonly error?: (count: number) => unknown;
  /** How likely a subscription falls silent for ever. @defaultValue 0 */
  readonly stallChance?: number;
  /** Errors and silences strike after up to so many values; how many is drawn. @defaultValue 0: before any */
  readonly afterValues?: number;
  /** How likely a subscription begins late. @defaultValue 0 */
  readonly latencyChance?: number;
  /** How late at most; how late is drawn. Unit: milliseconds. @defaultValue 1000 */
  readonly latencyMs?: number;
  /** Where chance comes from; `seededRandom(1)` makes the same faults each time. @defaultValue the system's */
  readonly random?: Random;
  /** Where time comes from. @defaultValue the system's clock */
  readonly clock?: Clock;
}

const KEYS = ['errorChance', 'error', 'stallChance', 'afterValues', 'latencyChance', 'latencyMs', 'random', 'clock'];

/** What one subscription meets. */
interface Fate {
  readonly fault: 'none' | 'error' | 'stall';
  /** Values that pass before the fault. */
  readonly after: number;
  readonly lateMs: number;
  readonly clock: Clock;
  readonly error: () => unknown;
}

class ChaosRun<T> extends Relay<T> {
  readonly #fate: Fate;
  #left: number;
  #isSilent = false;
  #cancelWait: (() => void) | undefined;

  constructor(source: Publisher<T>, to: FlowSubscriber<T>, fate: Fate) {
    super(source, to);
    this.#fate = fate;
    this.#left = fate.after;
  }

  protected override begin(): void {
    const { lateMs, clock } = this.#fate;
    if (lateMs > 0) this.#cancelWait = clock.after(lateMs, () => this.#go());
    else this.#go();
  }

  protected override over(): void {
    this.#cancelWait?.();
  }

  override onNext(value: T): void {
    if (this.#isSilent) return;
    super.onNext(value);
    if (this.#fate.fault !== 'none' && --this.#left === 0) this.#strike();
  }

  override onComplete(): void {
    if (this.#isSilent) return;
    // Fewer values came than were to pass before the fault, which is due all the same.
    if (this.#fate.fault === 'none') super.onComplete();
    else if (this.ended()) this.#strike();
  }

  override onError(error: unknown): void {
    if (!this.#isSilent) super.onError(error);
  }

  #go(): void {
    if (this.#fate.fault !== 'none' && this.#left === 0) this.#strike();
    else super.begin();
  }

  #strike(): void {
    if (!this.to) return;
    if (this.#fate.fault === 'error') return this.stop(this.#fate.error());
    this.#isSilent = true;
    this.leaveSource();
  }
}

/**
 * Lets subscriptions fail, fall silent or begin late, by chance: to see whether what is around them survives it.
 *
 * - next: passed through, until a fault strikes.
 * - error: passed on, the same object; or one of its own, in place of the rest.
 * - complete: passed through, unless a fault strikes.
 * - unsubscribe: cancels the source and the wait.
 *
 * Each subscription draws its fate, so each attempt of a retry does. A subscription takes four numbers of `random`
 * whatever the chances are: changing one chance leaves the others' faults where they were. It works alone in a `pipe`
 * and in a layer: `attemptLayers: [(request, next) => next(request).pipe(faults)]`.
 *
 * @param options - see {@link ChaosOptions}; without any nothing happens
 * @returns an operator that emits what the source emits
 * @throws ConfigError when an option is wrong
 * @see Polly documentation, "Chaos engineering with Simmy"
 *
 * @example
 * ```ts
 * import { retryBackoff } from 'millrace/operators';
 * import { chaos, seededRandom } from 'millrace/testing';
 * import { lastValueFrom, of } from 'rxjs';
 *
 * const unsure$ = of('answer').pipe(chaos({ errorChance: 0.5, random: seededRandom(1) }));
 * await lastValueFrom(unsure$.pipe(retryBackoff({ attempts: 9, backoff: () => 1 }))); // => 'answer'
 * ```
 */
export function chaos<T>(options: ChaosOptions = {}): FlowOperator<T, T> {
  const given: ChaosOptions = readOptions(options, KEYS, 'chaos');
  const chance = (key: 'errorChance' | 'stallChance' | 'latencyChance'): number => {
    const value = atLeast(0, given[key] ?? 0, `chaos.${key}`);
    if (value > 1) throw new ConfigError(`chaos.${key}`, `must be from 0 to 1, not ${value}`);
    return value;
  };
  const [errorChance, stallChance, latencyChance] = [
    chance('errorChance'),
    chance('stallChance'),
    chance('latencyChance'),
  ];
  if (errorChance + stallChance > 1) {
    throw new ConfigError('chaos.stallChance', `must not be more than 1 together with errorChance, ${errorChance}`);
  }
  const afterValues = atLeast(0, given.afterValues ?? 0, 'chaos.afterValues');
  const latencyMs = atLeast(0, given.latencyMs ?? 1000, 'chaos.latencyMs');
  const { random = systemRandom, clock = systemClock, error: make = onPurpose } = given;
  let errors = 0;
  const error = (): unknown => make(++errors);
  const draw = (): Fate => {
    const [what, when, isLate, howLate] = [random(), random(), random(), random()];
    const fault = what < errorChance ? 'error' : what < errorChance + stallChance ? 'stall' : 'none';
    const lateMs = isLate < latencyChance ? howLate * latencyMs : 0;
    return { fault, after: Math.floor(when * (afterValues + 1)), lateMs, clock, error };
  };
  return flowOperator((source, to) => new ChaosRun(source, to, draw()).start());
}

function onPurpose(count: number): NetworkError {
  return new NetworkError(`chaos: error ${count}, on purpose`, 'receive');
}
