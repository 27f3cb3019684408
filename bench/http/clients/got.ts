import got from 'got';

import type { Open } from '../client.ts';

export const open: Open = () => ({
  call: ({ url, body }) => (body ? got.post(url, { json: body }) : got.get(url)).json(),
  stream: (url) => got.stream(url),
});
