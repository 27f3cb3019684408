import { afterAll, describe, it } from 'vitest';

import { xhr } from '../../lib/transport/xhr.js';
import { openContract, type Setting } from '../support/browser/contract.js';
import { launchBrowser, noBrowser, tellSkipped } from '../support/browser/launch.js';
import { contractCases } from '../support/contract/index.js';
import { startServer } from '../support/server.js';

/** Promises that Chromium itself does not keep, whoever calls it. */
const notByChromium = new Set([
  'fails when a coded body is corrupt', // it checks no checksums
  'holds the server back while paused, and brings everything after resume', // from 64 MiB on: see browser.test.ts
]);

const settings: readonly Setting[] = ['same origin', 'other origin', 'HTTP/2'];
const names = ['fetchTransport', 'xhr'] as const;

// What holds depends on what the browser can do, so it is asked before the cases are listed.
const server = await startServer();
const browser = noBrowser === undefined ? await launchBrowser() : undefined;
const leastTitles = contractCases(xhr().capabilities).map(({ title }) => title);
tellSkipped('test/transport/browser-contract.test.ts', leastTitles.length * names.length * settings.length);

afterAll(async () => {
  await browser?.close();
  await server.close();
});

describe.each(settings)('in Chromium, %s', async (setting) => {
  const contract = browser && (await openContract(browser, server, setting));

  describe.each(names)('%s', async (name) => {
    const titles = (await contract?.titles(name)) ?? leastTitles;
    const held = titles.filter((title) => !notByChromium.has(title));

    it.skipIf(noBrowser).each(held)('%s', (title) => contract?.run(name, title), 20_000);
  });
});
