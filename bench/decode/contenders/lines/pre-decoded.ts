import type { Open } from '../../records.ts';

export const open: Open = (text) => () => {
  let sum = 0;
  for (const line of text.trimEnd().split('\n')) sum += line.length;
  return sum;
};
