import wretch from 'wretch';

import type { Open } from '../client.ts';

export const open: Open = () => ({
  call: ({ url, body }) => (body ? wretch(url).post(body) : wretch(url).get()).json(),
  stream: async (url) => (await wretch(url).get().res()).body!,
});
