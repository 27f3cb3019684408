import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

import { chromiumFlags, chromiumPath } from '../chromium.js';

export type { Browser, Page } from 'playwright-core';

/** Why the tests in a real browser cannot run here; `undefined` when they can. */
export const noBrowser: string | undefined = chromiumPath
  ? undefined
  : 'no Chromium found: install one, or set MILLRACE_CHROMIUM to its path';

/** Says how many tests of a file are left out, and why; nothing where there is a browser. */
export function tellSkipped(file: string, count: number): void {
  if (noBrowser) process.stderr.write(`${file}: ${count} tests skipped, ${noBrowser}\n`);
}

/** A headless Chromium; close it when the tests are over. Look at {@link noBrowser} first. */
export function launchBrowser(flags: readonly string[] = []): Promise<Browser> {
  if (!chromiumPath) throw new Error(noBrowser);
  return chromium.launch({ executablePath: chromiumPath, args: [...chromiumFlags, ...flags] });
}

/** A page of its own profile at `url`. What it throws outside of a call is kept in `faults`. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Page & { readonly faults: readonly string[] }> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(String(error.stack ?? error)));
  await page.goto(url);
  return Object.assign(page, { faults });
}

/** Opens a page, runs `use` with it, closes it, and rejects when the page threw. */
export async function withPage<R>(browser: Browser, url: string, use: (page: Page) => Promise<R>): Promise<R> {
  const page = await openPage(browser, url);
  try {
    const result = await use(page);
    if (page.faults.length > 0) throw new Error(`the page threw:\n${page.faults.join('\n')}`);
    return result;
  } finally {
    await page.context().close();
  }
}
