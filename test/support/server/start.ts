import { setImmediate as nextTurn } from 'node:timers/promises';

import { createConnections } from './connections.js';
import { dispatch } from './dispatch.js';
import { createJournal, type Journal } from './journal.js';
import { listenAll, type Listeners, stopListening } from './listeners.js';
import { createPages } from './pages.js';
import { authRoutes } from './routes-auth.js';
import { badRoutes } from './routes-bad.js';
import { basicRoutes } from './routes-basic.js';
import { controlRoutes } from './routes-control.js';
import { encodingRoutes } from './routes-encoding.js';
import { faultRoutes } from './routes-fault.js';
import { redirectRoutes } from './routes-redirect.js';
import { streamRoutes } from './routes-stream.js';
import { uploadRoutes } from './routes-upload.js';
import type { Answers, Route, Server, ServerOptions, Sites, Waits } from './types.js';

const houseRoutes: Readonly<Record<string, Route>> = {
  ...basicRoutes,
  ...streamRoutes,
  ...badRoutes,
  ...redirectRoutes,
  ...encodingRoutes,
  ...faultRoutes,
  ...authRoutes,
  ...uploadRoutes,
};

/** Starts every origin of the test server, on ports of 127.0.0.1 that the system picks. */
export async function startServer(options: ServerOptions = {}): Promise<Server> {
  const journal = createJournal();
  const connections = createConnections();
  const pages = createPages(options);
  const routes = new Map(Object.entries({ ...houseRoutes, ...options.routes }));
  let ids = 0;
  let refused = 0;
  const place = (at: string) => ({ at, journal, nextId: () => String((ids += 1)) });
  const listeners = await listenAll(
    connections,
    (at, wire, connection, expects) =>
      void dispatch({ routes, pages }, place(at), wire, connection, expects).catch(journal.fault),
    () => void (refused += 1),
  );

  const answers: Answers = {
    requests: () => journal.logged('request'),
    preflights: () => journal.logged('preflight'),
    stats: () => statsOf(journal, connections, refused),
    sockets: connections.open,
    busy: journal.open,
    attempts: journal.counted,
    reset: journal.reset,
    page: pages.set,
  };
  const waits: Waits = {
    closed: (id, withinMs) => waits.waitFor((seen) => seen.id === id && seen.state === 'aborted', withinMs),
    waitFor: (predicate, withinMs = 4000) => journal.waitFor(predicate, withinMs),
    async close() {
      journal.close();
      const stopped = Object.values(listeners).map(({ server }) => stopListening(server));
      await Promise.all([...stopped, connections.destroyAll()]);
      while (journal.open() > 0) await nextTurn(); // streams of HTTP/2 end a little after their socket
    },
  };
  for (const [path, route] of Object.entries(controlRoutes({ ...answers, ...waits }))) routes.set(path, route);
  return { ...sitesOf(listeners), ...answers, ...waits };
}

function sitesOf({ main, ...rest }: Listeners): Sites {
  const named = Object.entries(rest).map(([name, { site }]) => [name, site]);
  return { ...main.site, ...(Object.fromEntries(named) as Omit<Sites, 'origin' | 'port' | 'url'>) };
}

function statsOf(journal: Journal, connections: ReturnType<typeof createConnections>, refused: number) {
  const log = journal.logged('request');
  const count = (state: string) => log.filter((seen) => seen.state === state).length;
  return {
    requests: log.length,
    preflights: journal.logged('preflight').length,
    finished: count('finished'),
    aborted: count('aborted'),
    broken: count('broken'),
    busy: journal.open(),
    peak: journal.peak(),
    sockets: connections.open(),
    connections: connections.total(),
    wrote: log.reduce((sum, seen) => sum + seen.wrote, 0),
    refused,
    faults: [...journal.faults()],
    rssBytes: process.memoryUsage.rss(),
    pid: process.pid,
  };
}
