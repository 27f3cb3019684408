import type { Chunks, Open, Work } from '../http/client.ts';
import type { Prepare } from '../harness/contract.ts';

const usage = (): { heap: number; rss: number } => {
  // Twice: what finalizers let go in the first pass is free after the second.
  globalThis.gc?.();
  globalThis.gc?.();
  return { heap: process.memoryUsage().heapUsed, rss: process.memoryUsage.rss() };
};

/** Holds calls open, and reads long bodies. Orders: `hold` calls, `weigh` them, or `read` bytes. */
export const prepare: Prepare = async (client = '', origin = '', connections = '256') => {
  const { open } = (await import(`../http/clients/${client}.ts`)) as { open: Open };
  const adapter = await open({ origin, connections: Number(connections), patient: true });
  const failures: unknown[] = [];
  let before = usage();

  const start = (path: string): void => {
    const work: Work = { origin, path, url: origin + path, body: undefined, gzip: false };
    const fail = (error: unknown): void => void failures.push(error);
    if ('call' in adapter) adapter.call(work).catch(fail);
    else adapter.start(work, (error) => error !== undefined && fail(error));
  };

  const read = async (bytes: number): Promise<number> => {
    const body: Chunks | undefined = await adapter.stream?.(`${origin}/bytes/${bytes}`);
    let seen = 0;
    for await (const chunk of body ?? []) seen += chunk.length;
    if (seen !== bytes) throw new Error(`${seen} of ${bytes} bytes came`);
    return process.resourceUsage().maxRSS * 1024;
  };

  return {
    async run({ hold, weigh, read: bytes }) {
      if (hold !== undefined) {
        before = usage();
        for (let left = Number(hold); left > 0; left--) start('/hold');
      }
      if (bytes !== undefined) return { peakBytes: (await read(Number(bytes))) - before.rss };
      if (weigh === undefined) return { failures: failures.length };
      if (failures.length > 0) throw failures[0];
      const { heap, rss } = usage();
      return { heapBytes: (heap - before.heap) / Number(weigh), rssBytes: (rss - before.rss) / Number(weigh) };
    },
  };
};
