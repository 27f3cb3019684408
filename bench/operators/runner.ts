import type { Order, Prepare } from '../harness/contract.ts';
import { workSum } from './job.ts';

type Run = (n: number, detail: number) => number | Promise<number>;

/** One turn of a job: what comes out, and what should. */
type Turn = (run: Run, order: Order) => Promise<readonly [found: number, wanted: number]>;

const turns: Readonly<Record<string, Turn>> = {
  /** Each item gives one more than it is. */
  sum: async (run, { n }) => [await run(Number(n), 0), workSum(Number(n))],
  /** Each item gives 1. */
  items: async (run, { n }) => [await run(Number(n), 0), Number(n)],
  /** Each call gives 1, after so many failures. */
  count: async (run, { n, failures }) => [await run(Number(n), Number(failures)), Number(n)],
  // So many inputs side by side, each with its bursts of so many values at most.
  async 'debounce-map'(run, { n, values, inputs }) {
    const each = Number(n) / Number(inputs);
    const bursts = Math.ceil(each / Number(values));
    const counts = await Promise.all(
      Array.from({ length: Number(inputs) }, () => run(bursts, Math.round(each / bursts))),
    );
    return [counts.reduce((sum, count) => sum + count, 0), bursts * Number(inputs)];
  },
};

interface Contender {
  readonly run?: Run;
  readonly runs?: Readonly<Record<string, Run>>;
}

/** Does one operator's job in one contender's way. Orders: `n` items, and what the job wants to know. */
export const prepare: Prepare = async (turn = '', contender = '') => {
  const [file, name = ''] = contender.split('#');
  const { run: only, runs } = (await import(`./${file}.ts`)) as Contender;
  const run = only ?? runs![name]!;
  return {
    async run(order) {
      const [found, wanted] = await turns[turn]!(run, order);
      if (found !== wanted) throw new Error(`${found} came out instead of ${wanted}`);
    },
  };
};
