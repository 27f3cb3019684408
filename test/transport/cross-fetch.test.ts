import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { crossFetch } from '../../lib/transport/cross-fetch.js';
import { setUp } from '../support/contract/bench.js';
import { transportContract } from '../support/contract/index.js';
import { type Facts, startFacts } from './facts.js';
import { registerUploads } from './uploads.js';

let at: Facts;
beforeAll(async () => {
  at = await startFacts();
});
afterAll(() => at.server.close());

describe('crossFetch on Node, which is node-fetch', () => {
  transportContract(
    () => crossFetch(),
    { it },
    () => at.facts,
  );
  registerUploads(
    it,
    () => crossFetch(),
    () => at,
  );

  const bench = () => setUp(crossFetch(), at.facts).bench;

  it('shows redirects and streams both ways', () => {
    expect(crossFetch().capabilities).toEqual({
      responseStream: true,
      pause: true,
      uploadStream: true,
      uploadProgress: false,
      trailers: false,
      redirects: 'manual',
      decodesBody: false,
      rawHeaders: true,
    });
  });

  it.each(['fin-mid-body', 'fin-mid-chunk', 'fin-before-last-chunk', 'reset-mid-body'])(
    'fails when a body is cut short: %s',
    async (fault) => {
      const error = await bench().failure(`/bad/${fault}`);

      expect(error).toMatchObject({ kind: 'network', phase: 'receive' });
    },
  );

  it('uses connections again', async () => {
    const { fetch } = bench();
    for (let i = 0; i < 5; i += 1) await fetch('/reply?body=again');
    const used = at.server.requests().filter(({ url }) => url.includes('body=again'));

    expect(new Set(used.map(({ connection }) => connection)).size).toBe(1);
  });

  it('tells cookies apart', async () => {
    const { sink } = await bench().fetch('/headers/cookies');

    expect(sink.answer?.headers.getSetCookie()).toHaveLength(3);
  });
});
