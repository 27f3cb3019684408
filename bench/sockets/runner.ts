import type { Prepare } from '../harness/contract.ts';
import { type Connect, tick } from './job.ts';

/** Messages that are sent before the event loop has its turn: nobody sends a hundred thousand in one. */
const BURST = 100;

/** One contender with one connection. Orders: `n` messages, `mode` receive, tiny or send. */
export const prepare: Prepare = async (contender = '', url = '') => {
  const { connect } = (await import(`./contenders/${contender}.ts`)) as { connect: Connect };
  let left = 0;
  let done: (() => void) | undefined;
  const feed = await connect(url, (got) => {
    if (got.symbol !== 'ACME') throw new Error('not a tick');
    left--;
    if (left === 0) done?.();
  });
  const message = tick(1);
  return {
    async run({ n, mode }) {
      const count = Number(n);
      left = mode === 'send' ? 1 : count;
      const all = new Promise<void>((resolve) => (done = resolve));
      feed.send(mode === 'send' ? { expect: count } : { flood: count, tiny: mode === 'tiny' });
      for (let i = 0; mode === 'send' && i < count; i++) {
        feed.send(message);
        if (i % BURST === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      await all;
    },
  };
};
