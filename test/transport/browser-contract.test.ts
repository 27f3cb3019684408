import { afterAll, describe, it } from 'vitest';

import { type BrowserContract, openContract } from '../support/browser/contract.js';
import type { TransportName } from '../support/browser/contract-page.js';
import { launchBrowser, noBrowser, tellSkipped } from '../support/browser/launch.js';
import { contractCases } from '../support/contract/index.js';
import { startServer } from '../support/server.js';
import { xhr } from '../../lib/transport/xhr.js';

const names: readonly TransportName[] = ['fetchTransport', 'xhr', 'defaultTransport', 'crossFetch'];

if (noBrowser) {
  tellSkipped('browser-contract', contractCases(xhr().capabilities).length * names.length * 2);
  describe.skip(`the transport contract in Chromium (${noBrowser})`, () => {
    it('runs nothing without a browser', () => {});
  });
} else {
  // The titles depend on what the browser can do, so it is asked before they are listed.
  const server = await startServer();
  const browser = await launchBrowser();
  afterAll(async () => {
    await browser.close();
    await server.close();
  });
  const near = await openContract(browser, server, server.origin);
  const far = await openContract(browser, server, server.other.origin);
  for (const name of names) {
    const titles = await near.titles(name);
    describe(`${name} in Chromium, at the page's own origin`, () => register(near, name, titles));
    describe(`${name} in Chromium, at another origin`, () => register(far, name, titles));
  }
}

function register(contract: BrowserContract, name: TransportName, titles: readonly string[]): void {
  for (const title of titles) it(title, () => contract.run(name, title));
}
