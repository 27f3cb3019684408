import { createParser } from 'eventsource-parser';

import { type Open, Tally } from '../client.ts';

export const open: Open = (origin) => async (path, count) => {
  const stop = new AbortController();
  const response = await fetch(origin + path, { signal: stop.signal });
  let sum: number | undefined;
  const tally = new Tally(count, (weight) => {
    sum = weight;
  });
  const parser = createParser({ onEvent: tally.add });
  const text = new TextDecoder();
  for await (const chunk of response.body!) {
    parser.feed(text.decode(chunk as Uint8Array, { stream: true }));
    if (sum !== undefined) break;
  }
  stop.abort();
  return sum ?? Number.NaN;
};
