import { lines } from 'millrace';

import { limits, type Open } from '../../records.ts';

export const open: Open = (_text, chunks) => () => {
  let sum = 0;
  const emit = (line: string): boolean => {
    sum += line.length;
    return true;
  };
  const run = lines().create({ limits });
  for (const chunk of chunks) {
    run.push(chunk);
    run.read(emit);
  }
  run.end();
  run.read(emit);
  return sum;
};
