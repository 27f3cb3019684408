import type { Capabilities, Transport } from '../../../lib/transport/contract.js';
import { crossFetch } from '../../../lib/transport/cross-fetch.js';
import { defaultTransport } from '../../../lib/transport/default-browser.js';
import { fetchTransport } from '../../../lib/transport/fetch.js';
import { xhr } from '../../../lib/transport/xhr.js';
import { runCase } from '../contract/index.js';
import type { ContractServer } from '../contract/types.js';

const transports = { crossFetch, defaultTransport, fetchTransport, xhr } as const;

export type TransportName = keyof typeof transports;

/** What a page of the contract offers to the test that opened it. */
export interface ContractPage {
  capabilities(name: TransportName): Capabilities;
  run(name: TransportName, title: string, origins: Pick<ContractServer, 'origin' | 'other'>): Promise<void>;
}

/** What the test lends to the page. */
type Lent = Pick<ContractServer, 'seen' | 'count'>;

const page: ContractPage = {
  capabilities: (name) => make(name).capabilities,
  run: (name, title, origins) => runCase(title, () => make(name), { ...origins, ...(globalThis as unknown as Lent) }),
};

function make(name: TransportName): Transport {
  return transports[name]();
}

Object.assign(globalThis, { contractPage: page });
