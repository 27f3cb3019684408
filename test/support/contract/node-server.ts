import type { Server } from '../server/types.js';
import type { ContractServer } from './types.js';

/** The facts a case asks for, from a server in this process. */
export function contractServer(server: Server): ContractServer {
  const idOf = (url: string) => new URL(url, server.origin).searchParams.get('id');
  return {
    origin: server.origin,
    other: server.other.origin,
    seen: (id, until) =>
      server.waitFor((exchange) => {
        if (idOf(exchange.url) !== id) return false;
        if (until === 'arrived') return true;
        return until === 'held' ? exchange.held : exchange.state !== 'open';
      }, 5_000),
    count: (id) => Promise.resolve(server.requests().filter((exchange) => idOf(exchange.url) === id).length),
  };
}
