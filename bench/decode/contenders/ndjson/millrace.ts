import { ndjson } from 'millrace';

import { type Item, limits, type Open } from '../../records.ts';

export const open: Open = (_text, chunks) => () => {
  let sum = 0;
  const emit = (item: Item): boolean => {
    sum += item.id;
    return true;
  };
  const run = ndjson<Item>().create({ limits });
  for (const chunk of chunks) {
    run.push(chunk);
    run.read(emit);
  }
  run.end();
  run.read(emit);
  return sum;
};
