import type { Connection } from './connections.js';
import { isPreflight, preflightHeaders } from './cors.js';
import { createExchange, type Place } from './exchange.js';
import { type Pages, sendPage } from './pages.js';
import { pathOf } from './query.js';
import type { Exchange, Route, Wire } from './types.js';

export interface Dispatch {
  readonly routes: ReadonlyMap<string, Route>;
  readonly pages: Pages;
}

/** Finds who answers, and answers: a preflight, a route, a page, or nobody. */
export async function dispatch(
  { routes, pages }: Dispatch,
  place: Place,
  wire: Wire,
  connection: Connection,
  expects: boolean,
): Promise<void> {
  if (isPreflight(wire.method, wire.headers)) return preflight(createExchange(place, wire, connection, 'preflight'));
  const path = pathOf(wire.target);
  const route = findRoute(routes, path);
  const page = route ? undefined : await pages.find(path);
  const unseen = page !== undefined || path.startsWith('/-/');
  const exchange = createExchange(place, wire, connection, unseen ? 'unseen' : 'request');
  if (page) return sendPage(exchange, page);
  if (expects && !route?.leavesBody) wire.inform(100, []);
  if (!route?.leavesBody) exchange.body().catch(() => {}); // read in any case, so that the log has it
  if (!route) return exchange.send(404, [], `no route for ${wire.method} ${path}`);
  await run(route, exchange);
}

/** `?preflight=` answers with another status than 204. */
function preflight(exchange: Exchange): void {
  const { wire, query } = exchange;
  exchange.send(query.number('preflight', 204), preflightHeaders(wire.headers, query));
}

/** The route of this path, or of the nearest path above it. */
function findRoute(routes: ReadonlyMap<string, Route>, path: string): Route | undefined {
  for (let at = path; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('/')))) {
    const route = routes.get(at);
    if (route) return route;
  }
  return routes.get('/');
}

async function run(route: Route, exchange: Exchange): Promise<void> {
  try {
    await route(exchange);
  } catch (error) {
    if (!exchange.signal.aborted) fail(exchange, error);
  }
}

/** A route that throws is a fault of the test, or of this server: it says so instead of hanging. */
function fail(exchange: Exchange, error: unknown): void {
  exchange.journal.fault(error);
  if (exchange.recorded().status !== 0) return exchange.breakOff('reset');
  exchange.send(500, [['content-type', 'text/plain']], `the test server failed: ${String(error)}`);
}
