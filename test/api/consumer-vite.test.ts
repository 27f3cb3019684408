import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type Browser, launchBrowser, noBrowser, tellSkipped, withPage } from '../support/browser/launch.js';
import { expected, program } from '../support/consumer/expected.js';
import { type Consumer, makeConsumer } from '../support/consumer/install.js';
import { type Server, startServer } from '../support/server.js';

tellSkipped('consumer-vite', 1);

// Without a browser there is nothing to show the page; the line above says so.
describe.skipIf(noBrowser)('a page built with Vite from the packed tarball', () => {
  let browser: Browser;
  let consumer: Consumer;
  let server: Server;
  beforeAll(async () => {
    [consumer, server, browser] = await Promise.all([makeConsumer({ vite: '8' }), startServer(), launchBrowser()]);
  }, 180_000);
  afterAll(async () => {
    consumer?.remove();
    await browser?.close();
    await server?.close();
  });

  it('works in Chromium', { timeout: 120_000 }, async () => {
    consumer.write('index.html', '<!doctype html><title>built</title><script type="module" src="./main.js"></script>');
    consumer.write('main.js', program);
    const config = "export default { build: { target: 'es2022', assetsInlineLimit: 0 } };";
    consumer.write('vite.config.js', config);
    await promisify(execFile)(process.execPath, ['node_modules/vite/bin/vite.js', 'build', '--logLevel', 'error'], {
      cwd: consumer.folder,
    });
    const dist = join(consumer.folder, 'dist');
    for (const path of readdirSync(dist, { recursive: true }) as string[]) {
      if (!statSync(join(dist, path)).isFile()) continue;
      server.page(
        `/${path}`,
        readFileSync(join(dist, path), 'utf8'),
        path.endsWith('.js') ? 'text/javascript' : 'text/html',
      );
    }
    const result = await withPage(browser, server.url('/index.html'), async (page) => {
      await page.waitForFunction('globalThis.RESULT', undefined, { timeout: 20_000 });
      return page.evaluate('globalThis.RESULT');
    });
    expect(result).toEqual(expected);
  });
});
