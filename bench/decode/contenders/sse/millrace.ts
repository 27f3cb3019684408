import { sse } from 'millrace';

import { limits, type Open } from '../../records.ts';

export const open: Open = (_text, chunks) => () => {
  let sum = 0;
  const emit = ({ data }: { readonly data: string }): boolean => {
    sum += data.length;
    return true;
  };
  const run = sse().create({ limits });
  for (const chunk of chunks) {
    run.push(chunk);
    run.read(emit);
  }
  run.end();
  return sum;
};
