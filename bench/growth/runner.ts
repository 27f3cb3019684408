import type { Prepare } from '../harness/contract.ts';
import { type Merge, shapes } from './shapes.ts';

/** Runs one shape with one contender. Orders: `shape`, `n` items, `times`. */
export const prepare: Prepare = async (contender = '') => {
  const { merge } = (await import(`./contenders/${contender}.ts`)) as { merge: Merge };
  return {
    // Or a turn pays for moving what the turn before left. Only the young: a whole collection also throws away code.
    ready: () => globalThis.gc?.({ type: 'minor' }),
    async run({ shape, n, times }) {
      for (let left = Number(times); left > 0; left--) await shapes[String(shape)]!(merge, Number(n));
    },
  };
};
