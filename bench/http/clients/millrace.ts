import { createApi } from 'millrace';
import { undici } from 'millrace/undici';

import type { Open } from '../client.ts';
import { read } from '../observed.ts';
import { pieces } from '../pieces.ts';

const minutes = 120_000;
const long = { queueMs: minutes, headersMs: minutes, attemptMs: minutes, totalMs: minutes };

export const open: Open = ({ origin, connections, patient }) => {
  const api = createApi(
    patient ? { baseUrl: origin, transport: undici({ connections }), timeouts: long } : { baseUrl: origin },
  );
  return {
    start: ({ path, body }, done) => read(body ? api.post(path, { body }) : api.get(path), done),
    stream: (url) => api.get<Uint8Array>(new URL(url).pathname, { as: pieces }),
  };
};
