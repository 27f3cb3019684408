import type { Transport } from './contract.js';
import { crossFetch } from './cross-fetch.js';
import { fetchTransport } from './fetch.js';

/** The platform's fetch; cross-fetch where there is none. */
export function defaultTransport(): Transport {
  return typeof fetch === 'function' ? fetchTransport() : crossFetch();
}
