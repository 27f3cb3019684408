import { describe, expect, it } from 'vitest';

import { openScripted, turn } from './scripted-fetch.js';

describe('what fetch is given', () => {
  it('is method, headers and signal where nothing else is set', async () => {
    const { fetch } = await openScripted({ headers: ['accept', 'a/b', 'accept', 'c/d'] });

    expect(fetch.inits).toEqual([
      {
        method: 'GET',
        headers: [
          ['accept', 'a/b'],
          ['accept', 'c/d'],
        ],
        signal: expect.any(AbortSignal),
      },
    ]);
  });

  it('is each member that is set, under its own name', async () => {
    const { fetch } = await openScripted({
      method: 'POST',
      body: 'text',
      cookies: 'omit',
      cache: 'no-store',
      keepalive: false,
    });

    expect(fetch.inits[0]).toMatchObject({ body: 'text', credentials: 'omit', cache: 'no-store', keepalive: false });
    expect(fetch.inits[0]).not.toHaveProperty('duplex');
  });

  it('says manual for every redirect mode but follow', async () => {
    const modes = await Promise.all(
      (['follow', 'manual', 'error'] as const).map(async (redirect) => (await openScripted({ redirect })).fetch.inits[0]),
    );

    expect(modes.map((init) => init?.redirect)).toEqual([undefined, 'manual', 'manual']);
  });

  it('is half duplex for a stream', async () => {
    const { fetch } = await openScripted({ method: 'POST', body: new ReadableStream<Uint8Array>() });

    expect(fetch.inits[0]).toMatchObject({ duplex: 'half', body: expect.any(ReadableStream) });
  });

  it('is nothing when the exchange is aborted at once', async () => {
    const { fetch, handle, sink } = await openScripted();
    handle.abort();
    const late = await openAbortedAtOnce();

    expect(fetch.signal.aborted).toBe(true);
    expect(late).toEqual({ inits: [], events: [] });
    expect(sink.events).toEqual(['sent']);
  });
});

async function openAbortedAtOnce() {
  const { ScriptedFetch } = await import('./scripted-fetch.js');
  const { fetchTransport } = await import('../../lib/transport/fetch.js');
  const { requestFor } = await import('../support/contract/bench.js');
  const { Recorder } = await import('../support/contract/recorder.js');
  const fetch = new ScriptedFetch();
  const sink = new Recorder(() => {});
  fetchTransport({ fetch: fetch.fetch }).open(requestFor('http://api.test/'), sink).abort();
  await turn();
  return { inits: fetch.inits, events: sink.events };
}
