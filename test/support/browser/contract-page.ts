import type { Capabilities, Transport } from '../../../lib/transport/contract.js';
import { crossFetch } from '../../../lib/transport/cross-fetch.js';
import { defaultTransport } from '../../../lib/transport/default-browser.js';
import { fetchTransport } from '../../../lib/transport/fetch.js';
import { xhr } from '../../../lib/transport/xhr.js';
import { runCase } from '../contract/index.js';
import { type Addresses, contractServer, type ReadLog } from '../contract/server-facts.js';

const transports = { crossFetch, defaultTransport, fetchTransport, xhr } as const;

export type TransportName = keyof typeof transports;

/** Chromium may read on for 5 s after an abort, in the hope of keeping the connection. */
const patienceMs = 8_000;

/** What a page of the contract offers to the test that opened it. */
export interface ContractPage {
  capabilities(name: TransportName): Capabilities;
  run(name: TransportName, title: string, at: Addresses): Promise<void>;
}

/** Lent by the test, so that asking takes none of the few connections that a browser has for an origin. */
const readLog: ReadLog = (id) => (globalThis as unknown as { readonly readLog: ReadLog }).readLog(id);

const page: ContractPage = {
  capabilities: (name) => make(name).capabilities,
  run: (name, title, at) => runCase(title, () => make(name), contractServer(at, readLog, patienceMs)),
};

function make(name: TransportName): Transport {
  return transports[name]();
}

Object.assign(globalThis, { contractPage: page });
