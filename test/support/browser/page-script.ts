import { type Browser, openPage, type Page } from './launch.js';
import type { Server } from '../server.js';
import { bundleForBrowser, pageOf } from './bundle.js';

/** Awaits every method of an object in a page, called with plain data. */
export type Called<T> = {
  readonly [K in keyof T]: T[K] extends (...args: infer A) => infer R ? (...args: A) => Promise<Awaited<R>> : never;
};

/** What to open, and where. */
export interface ScriptOptions {
  /** A TypeScript file that puts an object on `globalThis[name]`. */
  readonly entry: string;
  readonly name: string;
  /** One of the server's origins. */
  readonly from?: string;
  /** Trusts the certificates of the test server. */
  readonly ignoreHTTPSErrors?: boolean;
}

let pages = 0;

/** Bundles a module, opens it as a page, and lets a test call the object that it offers. */
export async function openScript<T extends object>(
  browser: Browser,
  server: Server,
  { entry, name, from = server.origin, ignoreHTTPSErrors = false }: ScriptOptions,
): Promise<{ readonly page: Page; readonly script: Called<T> }> {
  const path = `/script-${(pages += 1)}.html`;
  server.page(path, pageOf(await bundleForBrowser(entry)));
  const page = await openPage(browser, from + path, { ignoreHTTPSErrors });
  await page.waitForFunction(`globalThis.${name}`);
  const call = (method: string, args: readonly unknown[]) =>
    page.evaluate(
      ([n, m, a]) =>
        (globalThis as unknown as Record<string, Record<string, (...args: unknown[]) => unknown>>)[n]![m]!(...a),
      [name, method, args] as const,
    );
  const script = new Proxy({} as Called<T>, {
    get:
      (_, method) =>
      (...args: unknown[]) =>
        call(String(method), args),
  });
  return { page, script };
}
