import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';

import type { Open } from '../../records.ts';

export const open: Open = (_text, chunks) => async () => {
  let sum = 0;
  for await (const line of createInterface({ input: Readable.from(chunks) })) sum += line.length;
  return sum;
};
