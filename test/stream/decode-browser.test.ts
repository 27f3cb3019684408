import { fileURLToPath } from 'node:url';

import { beforeAll, expect, it } from 'vitest';

import { bundleForBrowser, pageOf } from '../support/browser/bundle.js';
import { withPage } from '../support/browser/launch.js';
import { describeInBrowser } from '../support/browser/suite.js';

const entry = fileURLToPath(new URL('./decode-worker.ts', import.meta.url));

/** Starts a worker, hands it a Blob, and gives what it answers. It is sent to the page as text. */
const inWorker = ([script, content]: readonly [string, string]): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const { Worker } = globalThis as unknown as { Worker: new (url: string, options: object) => EventTarget };
    const url = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
    const worker = new Worker(url, { type: 'module' }) as EventTarget & {
      postMessage(message: unknown, transfer: readonly never[]): void;
    };
    worker.addEventListener('message', (message) => resolve((message as Event & { data: unknown }).data));
    worker.addEventListener('error', () => reject(new Error('the worker threw')));
    worker.postMessage(new Blob([content]), []);
  });

describeInBrowser('test/stream/decode-browser.test.ts', 1, 'decode in a worker of Chromium', (suite) => {
  let script: string;
  beforeAll(async () => {
    script = await bundleForBrowser(entry);
  });

  it('reads a Blob by its stream', async () => {
    const { browser, server } = suite();
    server.page('/decode.html', pageOf(''));
    const content = Array.from({ length: 20_000 }, (_, n) => `data: ${n}\n\n`).join('');
    const read = withPage(browser, server.url('/decode.html'), (page) =>
      page.evaluate(inWorker, [script, content] as const),
    );

    expect(await read).toEqual(Array.from({ length: 20_000 }, (_, n) => String(n)));
  });
});
