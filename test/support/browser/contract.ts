import { fileURLToPath } from 'node:url';

import { contractCases } from '../contract/index.js';
import { refusedOrigin, type Server } from '../server.js';
import type { ContractPage, TransportName } from './contract-page.js';
import type { Browser } from './launch.js';
import { openScript } from './page-script.js';

/** The transport contract, ready to run in a page. */
export interface BrowserContract {
  /** The titles of the cases that hold for a transport of this name in this browser. */
  titles(name: TransportName): Promise<readonly string[]>;
  run(name: TransportName, title: string): Promise<void>;
}

const entry = fileURLToPath(new URL('./contract-page.ts', import.meta.url));

/** @param from - the origin of the page: the server's own, or another one, so that every call is cross-origin */
export async function openContract(browser: Browser, server: Server, from: string): Promise<BrowserContract> {
  const at = { origin: server.origin, other: server.other.origin, refused: await refusedOrigin() };
  const { page, script } = await openScript<ContractPage>(browser, server, { entry, name: 'contractPage', from });
  await page.exposeFunction('readLog', (id: string) => server.requests().filter((seen) => seen.id === id));
  return {
    titles: async (name) => contractCases(await script.capabilities(name)).map(({ title }) => title),
    run: (name, title) => script.run(name, title, at),
  };
}
