import { createApi, ndjson } from 'millrace';
import { mergeOrdered } from 'millrace/operators';

import { CONCURRENCY, type Item, readAll, type Run } from '../job.ts';

export const run: Run = ({ url, meter }, work, sink) => {
  const { origin, pathname } = new URL(url);
  const items = createApi({ baseUrl: origin }).get(pathname, { as: ndjson<Item>() });
  const counted = (item: Item): Promise<Item> => {
    meter.take();
    return work(item);
  };
  return readAll(items.via(mergeOrdered(counted, { concurrency: CONCURRENCY })), sink);
};
