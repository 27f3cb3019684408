import { eventsOf } from '../decode/events.ts';
import type { Prepare } from '../harness/contract.ts';
import type { Open } from './client.ts';

/** Reads streams. Orders: `n` events of one. */
export const prepare: Prepare = async (client = '', origin = '', shape = '') => {
  const { open } = (await import(`./clients/${client}.ts`)) as { open: Open };
  const read = open(origin);
  return {
    async run({ n }) {
      const count = Number(n);
      const weight = await read(`/${shape}/${count}`, count);
      const least = eventsOf(shape, 1).weight * count;
      if (!(weight >= least)) throw new Error(`${weight} bytes of data came out, at least ${least} were sent`);
    },
  };
};
