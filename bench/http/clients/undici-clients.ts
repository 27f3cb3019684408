import { Client } from 'undici';

import type { Open } from '../client.ts';
import { dispatchOptions, Handler } from '../dispatch.ts';

// No pool at all: connections by turns. What a client costs that never has to choose one.
export const open: Open = ({ origin, connections }) => {
  const clients: Client[] = [];
  const idle: Client[] = [];
  const waiting: ((client: Client) => void)[] = [];
  const take = (use: (client: Client) => void): void => {
    const client = idle.pop();
    if (client) return use(client);
    if (clients.length >= connections) return void waiting.push(use);
    const made = new Client(origin);
    clients.push(made);
    use(made);
  };
  return {
    start: (work, done) =>
      take((client) => {
        const handler = new Handler(work.gzip, (error, value) => {
          const next = waiting.length > 0 ? waiting.shift() : undefined;
          if (next) next(client);
          else idle.push(client);
          done(error, value);
        });
        client.dispatch(dispatchOptions(work), handler);
      }),
  };
};
