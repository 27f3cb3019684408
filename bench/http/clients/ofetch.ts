import { ofetch } from 'ofetch';

import type { Open } from '../client.ts';

export const open: Open = () => ({
  call: ({ url, body }) => (body ? ofetch(url, { method: 'POST', body }) : ofetch(url)),
  stream: (url) => ofetch(url, { responseType: 'stream' }),
});
