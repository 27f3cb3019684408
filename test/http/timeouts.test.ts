import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { text } from '../../lib/codec/text.js';
import { createApi } from '../../lib/http/api.js';
import type { ApiOptions } from '../../lib/http/types.js';
import { undici } from '../../lib/transport/undici.js';
import { failure } from '../support/outcome.js';
import { type Server, startServer } from '../support/server.js';
import { bench } from './bench.js';

const timeout = (which: string, limitMs: number): object => ({ kind: 'timeout', which, limitMs });

describe('each time limit alone', () => {
  it('queueMs ends the wait for a connection, and not what follows', () => {
    const late = bench({ queueMs: 50 }, {}, true);
    const call = late.start();
    late.clock.advance(1000);
    expect(call).toMatchObject({ error: timeout('queue', 50), ms: 50 });
    expect([late.queue.waiting, late.clock.pending]).toEqual([0, 0]);

    const { clock, fake, queue, start } = bench({ queueMs: 50 }, {}, true);
    const served = start();
    clock.advance(49);
    queue.assign();
    clock.advance(5000);
    fake.last.answer(200, 'well');
    clock.advance(0);
    expect(served).toMatchObject({ values: ['well'], error: undefined, ms: 5049 });
    expect(clock.pending).toBe(0);
  });

  it('headersMs ends the wait for the head, from when there is a connection, and not the body', () => {
    const { clock, fake, queue, start } = bench({ headersMs: 50 }, {}, true);
    const late = start();
    clock.advance(1000);
    queue.assign();
    clock.advance(1000);
    expect(late).toMatchObject({ error: timeout('headers', 50), ms: 1050 });
    expect([fake.last.aborted, clock.pending]).toEqual([true, 0]);

    const served = start();
    queue.assign();
    clock.advance(49);
    fake.last.head(200);
    clock.advance(5000);
    fake.last.chunk('well').end();
    clock.advance(0);
    expect(served).toMatchObject({ values: ['well'], error: undefined });
  });

  it('headersMs starts over with each hop', () => {
    const { clock, fake, start } = bench({ headersMs: 50 });
    const call = start();
    for (let hop = 0; hop < 3; hop++) {
      clock.advance(40);
      fake.last.answer(302, undefined, { location: '/y' });
      clock.advance(0);
    }
    expect(fake.requests).toHaveLength(4);
    clock.advance(1000);
    expect(call).toMatchObject({ error: timeout('headers', 50), ms: 170 });
  });

  it('attemptMs ends an attempt with its body, from when there is a connection', () => {
    const { clock, fake, queue, start } = bench({ attemptMs: 100 }, {}, true);
    const call = start();
    clock.advance(1000);
    queue.assign();
    clock.advance(60);
    fake.last.head(200).chunk('a');
    clock.advance(1000);
    expect(call).toMatchObject({ error: timeout('attempt', 100), ms: 1100 });
    expect([fake.last.aborted, clock.pending]).toEqual([true, 0]);
  });

  it('attemptMs goes on over hops and starts over with each attempt', () => {
    const { clock, fake, start } = bench({ attemptMs: 100 }, { retry: { attempts: 2, backoff: () => 1000 } });
    const call = start();
    clock.advance(60);
    fake.last.answer(302, undefined, { location: '/y' });
    clock.advance(40);
    expect([fake.requests.length, fake.last.aborted]).toEqual([2, true]);
    clock.advance(1000 + 99);
    expect([fake.requests.length, call.error]).toEqual([3, undefined]);
    clock.advance(1);
    expect(call).toMatchObject({ error: { ...timeout('attempt', 100), attempts: 2 }, ms: 1200 });
  });

  it('idleMs ends a silence inside the body, and begins with the head', () => {
    const { clock, fake, start } = bench({ idleMs: 50 });
    const call = start();
    clock.advance(1000);
    fake.last.head(200);
    for (let piece = 0; piece < 10; piece++) {
      clock.advance(49);
      fake.last.chunk('a');
    }
    clock.advance(1000);
    expect(call).toMatchObject({ error: timeout('idle', 50), ms: 1000 + 490 + 50 });
    expect(clock.pending).toBe(0);
  });

  it('totalMs ends the call with its queue, attempts and waits', () => {
    const options: ApiOptions = { retry: { attempts: 9, backoff: () => 30 } };
    const { clock, fake, queue, start } = bench({ totalMs: 200 }, options, true);
    const call = start();
    clock.advance(50);
    queue.assign();
    clock.advance(50);
    fake.last.answer(503);
    clock.advance(30);
    queue.assign();
    clock.advance(1000);
    expect(call).toMatchObject({ error: { ...timeout('total', 200), attempts: 2, retryable: false }, ms: 200 });
    expect(call.error).toMatchObject({ cause: { kind: 'status', status: 503 } });
    expect([fake.last.aborted, clock.pending]).toEqual([true, 0]);
  });

  it('totalMs has no cause in the first attempt', () => {
    const { clock, start } = bench({ totalMs: 200 });
    const call = start();
    clock.advance(200);
    expect(call.error).toMatchObject(timeout('total', 200));
    expect('cause' in (call.error as object)).toBe(false);
  });
});

describe('time limits together', () => {
  it.each([
    [{ queueMs: 10, totalMs: 20 }, 'queue', 10],
    [{ queueMs: 20, totalMs: 10 }, 'total', 10],
    [{ queueMs: 10, headersMs: 5, attemptMs: 5, idleMs: 5 }, 'queue', 10],
  ] as const)('the first one to run out in the queue counts (%#)', (limits, which, ms) => {
    const { clock, start } = bench(limits, {}, true);
    const call = start();
    clock.advance(1000);
    expect(call).toMatchObject({ error: timeout(which, ms), ms });
    expect(clock.pending).toBe(0);
  });

  it.each([
    [{ headersMs: 10, attemptMs: 20, totalMs: 30 }, 'headers', 10],
    [{ headersMs: 20, attemptMs: 10, totalMs: 30 }, 'attempt', 10],
    [{ headersMs: 30, attemptMs: 20, totalMs: 10 }, 'total', 10],
    [{ headersMs: 20, idleMs: 10 }, 'headers', 20],
    [{ headersMs: 10.5, attemptMs: 11 }, 'headers', 10.5],
  ] as const)('the first one to run out before the head counts (%#)', (limits, which, ms) => {
    const { clock, start } = bench(limits);
    const call = start();
    clock.advance(1000);
    expect(call).toMatchObject({ error: timeout(which, ms), ms: Math.ceil(ms) });
    expect(clock.pending).toBe(0);
  });

  it.each([
    [{ headersMs: 5, attemptMs: 100, idleMs: 10 }, 'idle', 10, 12],
    [{ headersMs: 5, attemptMs: 8, idleMs: 10 }, 'attempt', 8, 8],
    [{ idleMs: 10, totalMs: 9 }, 'total', 9, 9],
    [{ idleMs: 10, attemptMs: 1000, totalMs: 1000 }, 'idle', 10, 12],
  ] as const)('the first one to run out inside the body counts (%#)', (limits, which, limitMs, ms) => {
    const { clock, fake, start } = bench(limits);
    const call = start();
    clock.advance(2);
    fake.last.head(200).chunk('a');
    clock.advance(1000);
    expect(call).toMatchObject({ error: timeout(which, limitMs), ms });
    expect(clock.pending).toBe(0);
  });
});

describe('over a real socket', () => {
  let server: Server;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.close());

  it('queueMs turns away what waits for a connection, and the others are served', async () => {
    const api = createApi({ baseUrl: server.origin, transport: undici({ connections: 1 }), retry: false });
    const first = failure(api.get('/bad/never?id=first', { timeouts: { headersMs: 200 } }));
    const second = await failure(api.get('/json?id=second', { timeouts: { queueMs: 30 } }));
    expect(second).toMatchObject({ ...timeout('queue', 30), retryable: false });
    expect(await first).toMatchObject(timeout('headers', 200));
    expect(server.requests().map(({ id }) => id)).toEqual(['first']);
    await api.close();
  });

  it.each([
    ['/bad/stall-mid-head', { headersMs: 40 }, 'headers'],
    ['/drip?bytes=endless', { attemptMs: 60 }, 'attempt'],
    ['/drip?bytes=endless', { totalMs: 60 }, 'total'],
    ['/bad/stall-mid-body', { idleMs: 40 }, 'idle'],
  ] as const)('%s with %j ends in time, and the server sees it', async (path, timeouts, which) => {
    const api = createApi({ baseUrl: server.origin, retry: false, timeouts });
    const id = `real-${path}-${which}`;
    const call = api.get(path, { query: { id }, as: text() });
    expect(await failure(call)).toMatchObject({ kind: 'timeout', which });
    expect(await server.closed(id)).toMatchObject({ state: 'aborted' });
    await api.close();
  });

  it('leaves the last error as cause when the total time ends an attempt', async () => {
    const api = createApi({ baseUrl: server.origin, timeouts: { totalMs: 400 }, retry: { backoff: () => 1 } });
    const error = await failure(api.get('/flaky?key=stalled&fail=9&how=stall', { timeouts: { headersMs: 150 } }));
    expect(error).toMatchObject({ ...timeout('total', 400), cause: timeout('headers', 150) });
    await api.close();
  });
});
