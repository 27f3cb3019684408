import type { Answers, Exchange, Route, Waits } from './types.js';

const idOf = (x: Exchange) => x.query.text('of', '');

/** The handle's questions over HTTP, for clients that have no handle: pages in a browser. None of them is logged. */
export function controlRoutes(server: Answers & Waits): Readonly<Record<string, Route>> {
  return {
    '/-/stats': (x) => x.json(server.stats()),
    '/-/log': (x) => x.json(server.requests().filter(({ id }) => !x.query.has('of') || id === idOf(x))),
    '/-/preflights': (x) => x.json(server.preflights()),
    '/-/attempts': (x) => x.json(server.attempts(idOf(x))),
    '/-/closed': async (x) => {
      const found = await server.closed(idOf(x), x.query.number('within', 4000)).catch((error: Error) => error);
      if (found instanceof Error) x.json({ error: found.message }, 504);
      else x.json(found);
    },
    '/-/reset': (x) => {
      server.reset();
      x.json(true);
    },
  };
}
