import type { Prepare } from '../harness/contract.ts';
import { free, made, Meter, type Run, slow } from './job.ts';
import { lines } from './lines.ts';

const now = (): number => performance.timeOrigin + performance.now();

/** Sends items through one contender. Orders: `n` items, `mode` free, slow or socket. */
export const prepare: Prepare = async (contender = '', origin = '') => {
  const { run } = (await import(`./contenders/${contender}.ts`)) as { run: Run };
  globalThis.gc?.();
  const idleBytes = process.memoryUsage.rss();
  return {
    async run({ n, mode }) {
      const meter = new Meter();
      const { work, sink } = mode === 'free' ? free : slow;
      const url = `${origin}/lines/${n}`;
      const items = mode === 'socket' ? lines(url, meter) : made(Number(n), meter);
      const counting = (item: Parameters<typeof sink>[0]): ReturnType<typeof sink> => {
        meter.sunk++;
        return sink(item);
      };
      const since = now();
      await run({ items, url, meter }, work, counting);
      const endMs = now();
      if (meter.sunk !== Number(n)) throw new Error(`${meter.sunk} of ${n} items came out`);
      const peakMb = (process.resourceUsage().maxRSS * 1024 - idleBytes) / 2 ** 20;
      const facts = { mostHeld: meter.most, peakMb };
      if (mode !== 'socket') return facts;
      const { sentAtMs } = (await (await fetch(`${origin}/sent`)).json()) as { sentAtMs: number };
      return { ...facts, early: (endMs - sentAtMs) / (endMs - since) };
    },
  };
};
