import { createParser } from 'eventsource-parser';

import { limits, type Open } from '../../records.ts';

export const open: Open = (_text, chunks) => () => {
  let sum = 0;
  const text = new TextDecoder();
  const parser = createParser({
    onEvent: ({ data }) => {
      sum += data.length;
    },
    maxBufferSize: limits.lineBytes,
  });
  for (const chunk of chunks) parser.feed(text.decode(chunk, { stream: true }));
  return sum;
};
