import { afterAll, beforeAll, describe } from 'vitest';

import { type Server, startServer } from '../server.js';
import { type Browser, launchBrowser, noBrowser, tellSkipped } from './launch.js';

/** A server and a browser, both there while the tests of a file run. */
export interface BrowserSuite {
  readonly server: Server;
  readonly browser: Browser;
}

/**
 * A `describe` for tests in a real browser; without one they are skipped, with the reason and their number printed.
 *
 * @param tests - how many tests there are, for that line
 */
export function describeInBrowser(
  file: string,
  tests: number,
  title: string,
  register: (suite: () => BrowserSuite) => void,
): void {
  tellSkipped(file, tests);
  describe.skipIf(noBrowser)(title, () => {
    let suite: BrowserSuite | undefined;
    beforeAll(async () => {
      suite = { server: await startServer(), browser: await launchBrowser() };
    }, 30_000);
    afterAll(async () => {
      await suite?.browser.close();
      await suite?.server.close();
    });
    register(() => suite!);
  });
}
