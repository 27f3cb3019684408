import { createApi, fetchTransport } from 'millrace';

import type { Open } from '../client.ts';
import { read } from '../observed.ts';

const minutes = 120_000;
const long = { headersMs: minutes, attemptMs: minutes, totalMs: minutes };

export const open: Open = ({ origin, patient }) => {
  const transport = fetchTransport();
  const api = createApi(patient ? { baseUrl: origin, transport, timeouts: long } : { baseUrl: origin, transport });
  return { start: ({ path, body }, done) => read(body ? api.post(path, { body }) : api.get(path), done) };
};
