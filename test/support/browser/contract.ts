import { fileURLToPath } from 'node:url';

import { contractCases } from '../contract/index.js';
import { contractServer } from '../contract/node-server.js';
import type { Server } from '../server.js';
import { bundleForBrowser, pageOf } from './bundle.js';
import type { ContractPage, TransportName } from './contract-page.js';
import { type Browser, openPage } from './launch.js';

/** The transport contract, ready to run in a page. */
export interface BrowserContract {
  /** The titles of the cases that hold for a transport of this name in this browser. */
  titles(name: TransportName): Promise<readonly string[]>;
  run(name: TransportName, title: string): Promise<void>;
}

type InPage = { readonly contractPage: ContractPage };

/** @param from - the origin of the page: the server's own, or another one, so that every call is cross-origin */
export async function openContract(browser: Browser, server: Server, from: string): Promise<BrowserContract> {
  const entry = fileURLToPath(new URL('./contract-page.ts', import.meta.url));
  server.page('/contract.html', pageOf(await bundleForBrowser(entry)));
  const facts = contractServer(server);
  const page = await openPage(browser, `${from}/contract.html`);
  await page.exposeFunction('seen', facts.seen);
  await page.exposeFunction('count', facts.count);
  await page.waitForFunction('globalThis.contractPage');
  const origins = { origin: facts.origin, other: facts.other };
  return {
    async titles(name) {
      const can = await page.evaluate((n) => (globalThis as unknown as InPage).contractPage.capabilities(n), name);
      return contractCases(can).map(({ title }) => title);
    },
    run: (name, title) =>
      page.evaluate(([n, t, o]) => (globalThis as unknown as InPage).contractPage.run(n, t, o), [
        name,
        title,
        origins,
      ] as const),
  };
}
