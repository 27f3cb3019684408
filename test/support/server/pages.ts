import { readFile } from 'node:fs/promises';
import { extname, resolve, sep } from 'node:path';

import type { Exchange, PageOptions } from './types.js';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
};

interface Page {
  readonly body: string | Uint8Array;
  readonly type: string;
}

/** What a browser loads beside the calls under test: none of it enters the log. */
export interface Pages {
  set(path: string, body: string, type?: string): void;
  find(path: string): Promise<Page | undefined>;
}

export function createPages(options: PageOptions): Pages {
  const pages = new Map<string, Page>([['/favicon.ico', { body: '', type: 'image/svg+xml' }]]);
  const set = (path: string, body: string, type = types[extname(path)] ?? 'text/html; charset=utf-8') =>
    void pages.set(path, { body, type });
  for (const [path, body] of Object.entries(options.pages ?? {})) set(path, body);
  const directories = Object.entries(options.directories ?? {});
  return {
    set,
    async find(path) {
      const page = pages.get(path);
      if (page) return page;
      const below = directories.find(([prefix]) => path.startsWith(prefix));
      return below && (await readPage(below[1], path.slice(below[0].length)));
    },
  };
}

async function readPage(directory: string, rest: string): Promise<Page | undefined> {
  const root = resolve(directory);
  const file = resolve(root, decodeURIComponent(rest));
  if (!file.startsWith(root + sep)) return undefined;
  const body = await readFile(file).catch(() => undefined);
  return body && { body, type: types[extname(file)] ?? 'application/octet-stream' };
}

export function sendPage(exchange: Pick<Exchange, 'send'>, page: Page): void {
  exchange.send(
    200,
    [
      ['content-type', page.type],
      ['cache-control', 'no-store'],
      ['cross-origin-resource-policy', 'cross-origin'],
    ],
    page.body,
  );
}
