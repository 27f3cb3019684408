import { findChromium } from '../../.ci/chromium.mjs';

/** Path of the Chromium that tests in a real browser use; they are skipped when there is none. */
export const chromiumPath: string | undefined = findChromium();

/** How playwright-core has to start it: as root in a container, with no network but this machine. */
export const chromiumFlags: readonly string[] = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
