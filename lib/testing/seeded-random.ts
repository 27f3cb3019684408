import type { Random } from '../core/random.js';

/**
 * A source of chance that gives the same numbers for the same seed. For tests: anybody can foresee it.
 *
 * @param seed - any number; its lowest 32 bits count
 * @see Tommy Ettinger, "Mulberry32"
 *
 * @example
 * ```ts
 * import { seededRandom } from 'millrace/testing';
 *
 * const [a, b] = [seededRandom(7), seededRandom(7)];
 * a() === b(); // => true
 * ```
 */
export function seededRandom(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}
