import { createApi } from 'millrace';
import { standardPolicies } from 'millrace/operators';

import type { Open } from '../client.ts';
import { read } from '../observed.ts';

export const open: Open = ({ origin }) => {
  const api = createApi({ baseUrl: origin });
  const careful = standardPolicies<unknown>();
  return {
    start: ({ path, body }, done) => read((body ? api.post(path, { body }) : api.get(path)).pipe(careful), done),
  };
};
