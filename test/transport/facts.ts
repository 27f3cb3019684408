import { type Addresses, contractServer } from '../support/contract/server-facts.js';
import type { ContractServer } from '../support/contract/types.js';
import { refusedOrigin, type Server, startServer } from '../support/server.js';

/** A test server, and what the contract asks of it. */
export interface Facts {
  readonly server: Server;
  readonly facts: ContractServer;
}

export async function startFacts(): Promise<Facts> {
  const server = await startServer();
  const addresses: Addresses = { origin: server.origin, other: server.other.origin, refused: await refusedOrigin() };
  return { server, facts: contractServer(addresses, async (id) => server.requests().filter((seen) => seen.id === id)) };
}
