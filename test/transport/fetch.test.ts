import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

import { ConfigError } from '../../lib/core/errors.js';
import { fetchTransport } from '../../lib/transport/fetch.js';
import { transportContract } from '../support/contract/index.js';
import { type Facts, startFacts } from './facts.js';
import { ScriptedFetch, turn } from './scripted-fetch.js';
import { requestFor } from '../support/contract/bench.js';
import { Recorder } from '../support/contract/recorder.js';
import { registerUploads } from './uploads.js';

let at: Facts;
beforeAll(async () => {
  at = await startFacts();
});
afterAll(() => at.server.close());

describe('fetchTransport over the fetch of this Node', () => {
  transportContract(
    () => fetchTransport(),
    { it },
    () => at.facts,
  );
  registerUploads(
    it,
    () => fetchTransport(),
    () => at,
  );

  it('shows redirects and sends every header field', () => {
    expect(fetchTransport().capabilities).toEqual({
      responseStream: true,
      pause: true,
      uploadStream: true,
      uploadProgress: false,
      trailers: false,
      redirects: 'manual',
      decodesBody: true,
      rawHeaders: true,
    });
  });
});

describe('which fetch is used', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('is the one that the platform has when a call is made', async () => {
    const transport = fetchTransport();
    const scripted = new ScriptedFetch();
    vi.stubGlobal('fetch', scripted.fetch);
    transport.open(requestFor('http://api.test/'), new Recorder(() => {}));
    await turn();

    expect(scripted.inits).toHaveLength(1);
  });

  it('is the one given, whatever the platform has', async () => {
    const scripted = new ScriptedFetch();
    vi.stubGlobal('fetch', undefined);
    fetchTransport({ fetch: scripted.fetch }).open(requestFor('http://api.test/'), new Recorder(() => {}));
    await turn();

    expect(scripted.inits).toHaveLength(1);
  });

  it('must exist', () => {
    vi.stubGlobal('fetch', undefined);

    expect(() => fetchTransport()).toThrow(ConfigError);
  });
});
