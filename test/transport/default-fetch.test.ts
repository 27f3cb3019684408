import { afterEach, expect, it, vi } from 'vitest';

import { defaultTransport } from '../../lib/transport/default-fetch.js';
import { setUp } from '../support/contract/bench.js';
import { startFacts } from './facts.js';

afterEach(() => vi.unstubAllGlobals());

const userAgentOf = async () => {
  const { server, facts } = await startFacts();
  try {
    await setUp(defaultTransport(), facts).bench.fetch('/json');
    return server.requests()[0]!.headers.find(([name]) => name.toLowerCase() === 'user-agent')?.[1];
  } finally {
    await server.close();
  }
};

it('sends by fetch where the platform has one', async () => {
  await expect(userAgentOf()).resolves.toBe('node');
});

it('sends by cross-fetch where there is no fetch', async () => {
  vi.stubGlobal('fetch', undefined);

  await expect(userAgentOf()).resolves.toMatch(/^node-fetch/);
});

it('sends by cross-fetch where the names around fetch are missing too', async () => {
  for (const name of ['fetch', 'Request', 'Response', 'Headers', 'FormData']) vi.stubGlobal(name, undefined);

  await expect(userAgentOf()).resolves.toMatch(/^node-fetch/);
});
