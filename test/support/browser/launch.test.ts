import { expect, it } from 'vitest';

import { pageOf } from './bundle.js';
import { withPage } from './launch.js';
import { describeInBrowser } from './suite.js';

describeInBrowser('test/support/browser/launch.test.ts', 2, 'withPage', (suite) => {
  const open = (script: string, use: string) => {
    const { server, browser } = suite();
    server.page('/launch.html', pageOf(script));
    return withPage(browser, server.url('/launch.html'), (page) => page.evaluate(use));
  };

  it('gives back what its user makes of the page', async () => {
    await expect(open('globalThis.answer = 6 * 7', 'answer')).resolves.toBe(42);
  });

  it('rejects where the page throws by itself', async () => {
    await expect(open("throw new Error('planted')", '1')).rejects.toThrow('planted');
  });
});
