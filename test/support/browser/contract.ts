import { fileURLToPath } from 'node:url';

import { contractCases } from '../contract/index.js';
import { refusedOrigin, type Server } from '../server.js';
import type { ContractPage, TransportName } from './contract-page.js';
import type { Browser } from './launch.js';
import { openScript } from './page-script.js';

/** The transport contract, ready to run in a page. */
export interface BrowserContract {
  /** The titles of the cases that hold for a transport of this name in this browser. */
  titles(name: TransportName): Promise<readonly string[]>;
  run(name: TransportName, title: string): Promise<void>;
}

/** Where the page and the server that it calls are. */
export type Setting = 'same origin' | 'other origin' | 'HTTP/2';

const entry = fileURLToPath(new URL('./contract-page.ts', import.meta.url));

export async function openContract(browser: Browser, server: Server, setting: Setting): Promise<BrowserContract> {
  const isHttp2 = setting === 'HTTP/2';
  const { origin } = isHttp2 ? server.h2 : server;
  const from = setting === 'other origin' ? server.other.origin : origin;
  const at = { origin, other: (isHttp2 ? server.secure : server.other).origin, refused: await refusedOrigin() };
  const options = { entry, name: 'contractPage', from, ignoreHTTPSErrors: true };
  const { page, script } = await openScript<ContractPage>(browser, server, options);
  await page.exposeFunction('readLog', (id: string) => server.requests().filter((seen) => seen.id === id));
  return {
    async titles(name) {
      const can = await script.capabilities(name);
      // Browsers send streams over HTTP/2 and HTTP/3 only.
      const uploadStream = can.uploadStream && isHttp2;
      return contractCases({ ...can, uploadStream }, isHttp2 ? 'http2' : 'http1').map(({ title }) => title);
    },
    run: (name, title) => script.run(name, title, at),
  };
}
