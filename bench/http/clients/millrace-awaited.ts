import { createApi } from 'millrace';
import { firstValueFrom } from 'rxjs';

import type { Open } from '../client.ts';

export const open: Open = ({ origin }) => {
  const api = createApi({ baseUrl: origin });
  return { call: ({ path, body }) => firstValueFrom(body ? api.post(path, { body }) : api.get(path)) };
};
