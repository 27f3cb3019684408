import type { Exchange, Route } from './types.js';

/** Marks a route that reads the request body itself, or never. */
export function leavesBody(run: (exchange: Exchange) => unknown): Route {
  return Object.assign((exchange: Exchange) => run(exchange), { leavesBody: true as const });
}
