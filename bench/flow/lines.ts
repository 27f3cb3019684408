import { request } from 'undici';

import type { Item, Meter } from './job.ts';

/** Records of an NDJSON body: undici, and the split that most people write. */
export async function* lines(url: string, meter: Meter): AsyncGenerator<Item, void> {
  const { body } = await request(url);
  const text = new TextDecoder();
  let rest = '';
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    const parts = (rest + text.decode(chunk, { stream: true })).split('\n');
    rest = parts.pop() ?? '';
    for (const line of parts) {
      meter.take();
      yield JSON.parse(line) as Item;
    }
  }
  if (rest !== '') yield JSON.parse(rest) as Item;
}
