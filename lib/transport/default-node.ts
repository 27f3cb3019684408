import type { Transport } from './contract.js';
import { undici } from './undici.js';

/** The transport of a client that names none: undici's. Each client has connections of its own. */
export function defaultTransport(): Transport {
  return undici();
}
