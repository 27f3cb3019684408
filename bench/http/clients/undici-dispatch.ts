import { Pool } from 'undici';

import type { Open } from '../client.ts';
import { dispatchOptions, Handler } from '../dispatch.ts';

export const open: Open = ({ origin, connections }) => {
  const pool = new Pool(origin, { connections });
  return { start: (work, done) => void pool.dispatch(dispatchOptions(work), new Handler(work.gzip, done)) };
};
