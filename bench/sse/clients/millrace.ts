import { createApi, eventStream } from 'millrace';

import { type Open, Tally } from '../client.ts';

export const open: Open = (baseUrl) => {
  const api = createApi({ baseUrl });
  return (path, count) =>
    new Promise((resolve, reject) => {
      const tally = new Tally(count, (weight) => {
        reading.unsubscribe();
        resolve(weight);
      });
      const reading = eventStream(api, path).subscribe({ next: tally.add, error: reject });
    });
};
