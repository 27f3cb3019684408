import type { Recorded } from '../server/types.js';
import { pass } from './check.js';
import { type ContractServer, hasCome } from './types.js';

/** Where the test server is. */
export interface Addresses {
  readonly origin: string;
  readonly other: string;
  readonly refused: string;
}

/** Reads the server's log of one id. */
export type ReadLog = (id: string) => Promise<readonly Recorded[]>;

const POLL_MS = 5;
const PATIENCE_MS = 5_000;

/**
 * The facts that the cases ask for, out of the server's log: in its process, or over HTTP from a page.
 *
 * @param patienceMs - how long a fact may take to become true
 */
export function contractServer(
  { origin, other, refused }: Addresses,
  read: ReadLog,
  patienceMs: number = PATIENCE_MS,
): ContractServer {
  return {
    origin,
    other,
    refused,
    async seen(id, until) {
      const end = performance.now() + patienceMs;
      for (;;) {
        const log = await read(id);
        const found = log.find((exchange) => hasCome(exchange, until));
        if (found) return found;
        const states = log.map(({ state, heldNowMs }) => `${state}, held for ${heldNowMs} ms`).join('; ') || 'nothing';
        if (performance.now() > end) throw new Error(`${id} is not ${until} after ${patienceMs} ms: ${states}`);
        await pass(POLL_MS);
      }
    },
  };
}
