import { afterAll, describe, it } from 'vitest';

import { xhr } from '../../lib/transport/xhr.js';
import { openContract, type Setting } from '../support/browser/contract.js';
import { launchBrowser, noBrowser, tellSkipped } from '../support/browser/launch.js';
import { contractCases } from '../support/contract/index.js';
import { startServer } from '../support/server.js';

/** Promises that Chromium itself does not keep, whoever calls it, and where. */
const notByChromium: Readonly<Record<string, string>> = {
  // It checks no checksums.
  'fails when a coded body is corrupt': 'everywhere',
  // It does so from 64 MiB on, and hands out up to 2 MiB at once: see browser.test.ts.
  'holds the server back while paused, and brings everything after resume': 'everywhere',
  'holds what comes out of a coding while paused': 'everywhere',
  // It takes seconds to begin with 60 MB: see browser.test.ts for less.
  'aborts an upload, and the server sees it': 'everywhere',
  'tells less than everything while the server takes no more': 'xhr',
  // XMLHttpRequest shows the head of a text when it has seen enough of the body to know its type.
  'aborts a body that stalls, and the server sees it': 'xhr',
  'aborts from inside the head, and the server sees it': 'xhr',
  // The server's raw answers give other origins no leave to read them, or not all of them.
  'reads header text byte by byte, without the blanks around it': 'other origin',
  'brings everything after a pause during which the server closed the connection': 'other origin',
};

const settings: readonly Setting[] = ['same origin', 'other origin', 'HTTP/2'];
const names = ['fetchTransport', 'xhr'] as const;

const promisedBy = (setting: Setting, name: string, titles: readonly string[]) =>
  titles.filter((title) => !['everywhere', name, setting].includes(notByChromium[title] ?? ''));

// What holds depends on what the browser can do, so it is asked before the cases are listed.
const server = await startServer();
const browser = noBrowser === undefined ? await launchBrowser() : undefined;
const leastTitles = contractCases(xhr().capabilities).map(({ title }) => title);
const least = settings.flatMap((setting) => names.map((name) => promisedBy(setting, name, leastTitles).length));
tellSkipped(
  'test/transport/browser-contract.test.ts',
  least.reduce((sum, count) => sum + count, 0),
);

afterAll(async () => {
  await browser?.close();
  await server.close();
});

describe.each(settings)('in Chromium, %s', async (setting) => {
  const contract = browser && (await openContract(browser, server, setting));

  describe.each(names)('%s', async (name) => {
    const titles = promisedBy(setting, name, (await contract?.titles(name)) ?? leastTitles);

    it.skipIf(noBrowser).each(titles)('%s', (title) => contract?.run(name, title), 20_000);
  });
});
