import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type Browser, launchBrowser, noBrowser, tellSkipped, withPage } from '../support/browser/launch.js';
import { expected, expectedStreams, program, streams } from '../support/consumer/expected.js';
import { type Consumer, makeConsumer } from '../support/consumer/install.js';
import { type Server, startServer } from '../support/server.js';
import { startStreamPeers } from '../support/stream-peers/start.js';

tellSkipped('consumer-vite', 3);

const pageWith = (script: string) =>
  `<!doctype html><title>built</title><script type="module" src="./${script}"></script>`;

/** The peers are on another origin, which the page is told of. */
const base = "(await fetch('/base.txt')).text()";

const files = {
  'index.html': pageWith('main.js'),
  'main.js': program,
  'page.html': pageWith('in-page.js'),
  'in-page.js': `
    import { runStreams } from './streams.mjs';
    globalThis.RESULT = await runStreams(await ${base});
  `,
  'worker.html': pageWith('start-worker.js'),
  'start-worker.js': `
    const worker = new Worker(new URL('./in-worker.mjs', import.meta.url), { type: 'module' });
    worker.onmessage = ({ data }) => (globalThis.RESULT = data);
    worker.onerror = ({ message }) => (globalThis.RESULT = message);
    worker.postMessage(await ${base});
  `,
  'in-worker.mjs': `
    import { runStreams } from './streams.mjs';
    globalThis.onmessage = async ({ data }) => postMessage(await runStreams(data));
  `,
  'streams.mjs': streams,
  'vite.config.js': `export default {
    build: { target: 'es2022', assetsInlineLimit: 0, rolldownOptions: { input: ['index.html', 'page.html', 'worker.html'] } },
    worker: { format: 'es' },
  };`,
};

/** Builds the pages, and has the server show them. */
async function build({ folder, write }: Consumer, server: Server): Promise<void> {
  for (const [path, text] of Object.entries(files)) write(path, text);
  const vite = ['node_modules/vite/bin/vite.js', 'build', '--logLevel', 'error'];
  await promisify(execFile)(process.execPath, vite, { cwd: folder });
  const dist = join(folder, 'dist');
  for (const path of readdirSync(dist, { recursive: true }) as string[]) {
    if (!statSync(join(dist, path)).isFile()) continue;
    const type = path.endsWith('.js') ? 'text/javascript' : 'text/html';
    server.page(`/${path}`, readFileSync(join(dist, path), 'utf8'), type);
  }
}

// Without a browser there is nothing to show the pages; the line above says so.
describe.skipIf(noBrowser)('a page built with Vite from the packed tarball', () => {
  let browser: Browser;
  let consumer: Consumer;
  let server: Server;
  beforeAll(async () => {
    [consumer, server, browser] = await Promise.all([makeConsumer({ vite: '8' }), startServer(), launchBrowser()]);
    await build(consumer, server);
  }, 180_000);
  afterAll(async () => {
    consumer?.remove();
    await browser?.close();
    await server?.close();
  });

  const resultOf = (path: string) =>
    withPage(browser, server.url(path), async (page) => {
      await page.waitForFunction('globalThis.RESULT', undefined, { timeout: 20_000 });
      return page.evaluate('globalThis.RESULT');
    });

  it('works in Chromium', { timeout: 120_000 }, async () => {
    expect(await resultOf('/index.html')).toEqual(expected);
  });

  it.each(['page', 'worker'])('runs every long-lived source in a %s', { timeout: 60_000 }, async (place) => {
    await using peers = await startStreamPeers();
    server.page('/base.txt', peers.origin, 'text/plain');

    expect(await resultOf(`/${place}.html`)).toEqual(expectedStreams);
  });
});
