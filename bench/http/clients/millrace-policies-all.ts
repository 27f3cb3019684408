import { createApi } from 'millrace';
import { createHedge, createRateLimiter, createThrottle, standardPolicies } from 'millrace/operators';
import { of } from 'rxjs';

import type { Open } from '../client.ts';
import { read } from '../observed.ts';

export const open: Open = ({ origin }) => {
  const api = createApi({ baseUrl: origin });
  // Everything on, and nothing in the way: a rate that is not reached.
  const everything = standardPolicies<unknown>({
    fallback: () => of(undefined),
    hedge: createHedge(),
    throttle: createThrottle(),
    rate: createRateLimiter({ limit: 1_000_000 }),
  });
  return {
    start: ({ path, body }, done) => read((body ? api.post(path, { body }) : api.get(path)).via(everything), done),
  };
};
