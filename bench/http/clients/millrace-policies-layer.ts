import { createApi, perOrigin } from 'millrace';
import { standardPolicies } from 'millrace/operators';

import type { Open } from '../client.ts';
import { read } from '../observed.ts';

export const open: Open = ({ origin }) => {
  const attemptLayers = [perOrigin(() => standardPolicies({ totalMs: false, retry: false }))];
  const api = createApi({ baseUrl: origin, attemptLayers });
  return { start: ({ path, body }, done) => read(body ? api.post(path, { body }) : api.get(path), done) };
};
