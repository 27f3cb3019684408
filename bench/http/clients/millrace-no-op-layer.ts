import { createApi } from 'millrace';

import type { Open } from '../client.ts';
import { read } from '../observed.ts';

export const open: Open = ({ origin }) => {
  const api = createApi({ baseUrl: origin, attemptLayers: [(request, next) => next(request)] });
  return { start: ({ path, body }, done) => read(body ? api.post(path, { body }) : api.get(path), done) };
};
