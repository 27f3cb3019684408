import ky from 'ky';

import type { Open } from '../client.ts';

export const open: Open = ({ patient }) => {
  const client = patient ? ky.extend({ timeout: 120_000 }) : ky;
  return {
    call: ({ url, body }) => (body ? client.post(url, { json: body }) : client.get(url)).json(),
    stream: async (url) => (await client.get(url)).body!,
  };
};
