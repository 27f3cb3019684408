import { LimitError } from './answer-errors.js';
import { ConfigError } from './errors.js';
import type { Ring } from './ring.js';

/** What becomes of a value that arrives when all places are taken. */
export type Overflow = 'error' | 'drop-oldest' | 'drop-newest' | 'latest';

const POLICIES: readonly unknown[] = ['error', 'drop-oldest', 'drop-newest', 'latest'];

/** Places to wait in, and what happens when they are taken. */
export interface Room {
  readonly capacity: number;
  readonly overflow: Overflow;
}

/** @throws ConfigError when one of the two is wrong or missing */
export function checkedRoom(capacity: unknown, overflow: unknown, where: string): Room {
  if (!(Number.isInteger(capacity) && (capacity as number) > 0)) {
    const fix = 'say how many values may wait, a whole number from 1';
    throw new ConfigError(`${where}.capacity`, `${fix}; it is ${String(capacity)}`);
  }
  return { capacity: capacity as number, overflow: checkedOverflow(overflow, where) };
}

/** @throws ConfigError when it is no policy */
export function checkedOverflow(overflow: unknown, where: string): Overflow {
  if (POLICIES.includes(overflow)) return overflow as Overflow;
  const fix = `say what is lost, one of ${POLICIES.join(', ')}`;
  throw new ConfigError(`${where}.overflow`, `${fix}; it is ${String(overflow)}`);
}

/**
 * Puts a value behind the others where all places are taken, and loses what the policy says.
 *
 * @returns false when nothing may be lost: the value is not among them, and the stream must fail
 */
export function pushOver<T>(waiting: Ring<T>, value: T, overflow: Overflow): boolean {
  if (overflow === 'drop-newest') return true;
  if (overflow === 'error') return false;
  if (overflow === 'latest') waiting.clear();
  else waiting.shift();
  waiting.push(value);
  return true;
}

export function overrun({ capacity }: Room, where: string): LimitError {
  return new LimitError('capacity', capacity, `${where}: the source sends faster than it is asked`);
}
