import { ConfigError } from './errors.js';
import type { Ring } from './ring.js';

/** What becomes of a value that arrives when all places are taken. */
export type Overflow = 'error' | 'drop-oldest' | 'drop-newest' | 'latest';

const POLICIES: readonly unknown[] = ['error', 'drop-oldest', 'drop-newest', 'latest'];

/** @throws ConfigError, naming the field, when it is no policy */
export function checkedOverflow(overflow: unknown, field: string): Overflow {
  if (POLICIES.includes(overflow)) return overflow as Overflow;
  throw new ConfigError(field, `say what is lost, one of ${POLICIES.join(', ')}; it is ${String(overflow)}`);
}

/** Makes room in a full buffer for the value that arrives. @returns false when it gets no place */
export function makeRoom(buffer: Ring<unknown>, overflow: Overflow): boolean {
  if (overflow === 'latest') buffer.clear();
  else if (overflow === 'drop-oldest') buffer.shift();
  return overflow === 'latest' || overflow === 'drop-oldest';
}
