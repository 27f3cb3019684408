import type { Prepare } from '../harness/contract.ts';
import { workSum } from './job.ts';

type Run = (n: number, failures: number) => number | Promise<number>;

/** What has to come out. */
const wanted: Readonly<Record<string, (n: number) => number>> = {
  'merge-ordered': workSum,
  'debounce-map': (n) => Math.ceil(n / 1000),
  'retry-backoff': (n) => n,
};

/** Does one operator's job in one contender's way. Orders: `n` items; `failures` of each call. */
export const prepare: Prepare = async (job = '', contender = '') => {
  const { run } = (await import(`./${job}/${contender}.ts`)) as { run: Run };
  return {
    async run({ n, failures = 0 }) {
      const found = await run(Number(n), Number(failures));
      const right = wanted[job]?.(Number(n));
      if (found !== right) throw new Error(`${found} came out instead of ${right}`);
    },
  };
};
