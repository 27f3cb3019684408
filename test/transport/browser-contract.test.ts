import { afterAll, describe, it } from 'vitest';

import { xhr } from '../../lib/transport/xhr.js';
import { openContract } from '../support/browser/contract.js';
import type { TransportName } from '../support/browser/contract-page.js';
import { launchBrowser, noBrowser, tellSkipped } from '../support/browser/launch.js';
import { contractCases } from '../support/contract/index.js';
import { startServer } from '../support/server.js';

const names: readonly TransportName[] = ['fetchTransport', 'xhr', 'defaultTransport', 'crossFetch'];

// What holds depends on what the browser can do, so it is asked before the cases are listed.
const server = await startServer();
const browser = noBrowser === undefined ? await launchBrowser() : undefined;
const near = browser && (await openContract(browser, server, server.origin));
const far = browser && (await openContract(browser, server, server.other.origin));
const leastTitles = contractCases(xhr().capabilities).map(({ title }) => title);
tellSkipped('test/transport/browser-contract.test.ts', leastTitles.length * names.length * 2);

afterAll(async () => {
  await browser?.close();
  await server.close();
});

describe.each(names)('%s in Chromium', async (name) => {
  const titles = (await near?.titles(name)) ?? leastTitles;

  describe('at the origin of the page', () => {
    it.skipIf(noBrowser).each(titles)('%s', (title) => near?.run(name, title));
  });

  describe('at another origin', () => {
    it.skipIf(noBrowser).each(titles)('%s', (title) => far?.run(name, title));
  });
});
