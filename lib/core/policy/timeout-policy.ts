import { type Clock, systemClock } from '../clock.js';
import { type Deadlines, deadlinesOf } from '../deadlines.js';
import { TimeoutError, type TimeoutKind } from '../errors.js';
import { atLeast } from '../numbers.js';
import { readOptions } from '../options.js';
import { isWatched, tell } from './policy-events.js';

/** What the options of all time limits have. */
interface TimeoutNaming {
  readonly name?: string;
  readonly clock?: Clock;
}

/** A time limit, and in whose name it runs out; shared by all runs of an operator. */
export class TimeoutPolicy {
  readonly which: TimeoutKind;
  readonly limitMs: number;
  readonly clock: Clock;
  readonly deadlines: Deadlines;
  readonly #policy: string;
  readonly #name: string | undefined;

  constructor(policy: string, which: TimeoutKind, limitMs: number, given: TimeoutNaming) {
    this.which = which;
    this.limitMs = limitMs;
    this.clock = given.clock ?? systemClock;
    this.deadlines = deadlinesOf(this.clock);
    this.#policy = policy;
    this.#name = given.name;
  }

  /** Tells that the limit ran out. @returns the error to fail with */
  ranOut(limitMs: number = this.limitMs, ...lastError: [error?: unknown]): TimeoutError {
    const { which, clock } = this;
    if (isWatched()) {
      tell({ type: 'timeout', policy: this.#policy, name: this.#name, atMs: clock.now(), which, limitMs });
    }
    const facts = lastError.length > 0 ? { cause: lastError[0] } : {};
    return new TimeoutError(which, limitMs, facts, `${this.#policy}.${which}Ms`);
  }
}

/**
 * Reads a limit that is given as milliseconds, or as options with `attemptMs` or `idleMs`.
 *
 * @throws ConfigError when it is neither
 */
export function timeoutPolicy(
  policy: string,
  which: 'attempt' | 'idle',
  given: number | object,
  defaultMs: number,
): TimeoutPolicy {
  const key = `${which}Ms`;
  const options = readOptions(typeof given === 'number' ? { [key]: given } : given, [key, 'name', 'clock'], policy);
  return new TimeoutPolicy(policy, which, atLeast(0, options[key] ?? defaultMs, `${policy}.${key}`), options);
}
