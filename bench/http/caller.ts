import type { Prepare } from '../harness/contract.ts';
import { check, small } from './answers.ts';
import type { Open, Work } from './client.ts';
import { inLanes } from './lanes.ts';

/** Makes calls with one client. Orders: `n` calls of `path`, `concurrency` at once. */
export const prepare: Prepare = async (client = '', origin = '', connections = '256') => {
  const { open } = (await import(`./clients/${client}.ts`)) as { open: Open };
  const adapter = await open({ origin, connections: Number(connections), patient: false });
  const call = (path: string, n: number, concurrency: number): Promise<void> => {
    const body = path === '/post' ? small : undefined;
    const work: Work = { origin, path, url: origin + path, body, gzip: path === '/gzip' };
    return inLanes(adapter, work, n, concurrency, check);
  };
  return {
    // Connections that were closed meanwhile are opened again, and caches of the processor are filled.
    ready: ({ path, n, concurrency }) =>
      call(String(path), Math.max(Number(concurrency), Number(n) >> 2), Number(concurrency)),
    run: ({ path, n, concurrency }) => call(String(path), Number(n), Number(concurrency)),
  };
};
