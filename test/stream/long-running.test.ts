import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { ndjson } from '../../lib/codec/ndjson.js';
import type { Flow } from '../../lib/core/flow.js';
import { type Api, createApi } from '../../lib/http/api.js';
import { longRunning } from '../../lib/stream/long-running.js';
import { fakeTransport } from '../../lib/testing/fake-transport.js';
import { obeysTheFlowRules } from '../../lib/testing/flow-rules.js';
import type { Transport } from '../../lib/transport/contract.js';
import { gc } from '../support/gc.js';
import { leastMs } from '../support/least.js';
import { all, failure, outcome } from '../support/outcome.js';
import { type Route, type Server, startServer } from '../support/server.js';

const jobs = new Map<string, number>();
const start: Route = ({ query, send }) => {
  jobs.set(query.text('job', ''), 0);
  send(202, [
    ['location', `jobs/status?job=${query.text('job', '')}`],
    ['retry-after', '0'],
  ]);
};
/** The third poll gets ten rows. */
const status: Route = ({ query, send }) => {
  const job = query.text('job', '');
  const polls = (jobs.get(job) ?? 0) + 1;
  jobs.set(job, polls);
  if (polls === 2 && job === 'shaky') return send(503, [['retry-after', '0']]);
  if (polls < 3) return send(202, [['retry-after', '0']]);
  return send(303, [['location', '/ndjson?rows=10']]);
};

let server: Server;
let api: Api;
beforeAll(async () => {
  const routes: Record<string, Route> = { '/jobs': start, '/jobs/status': status, '/jobs/slow': () => {} };
  server = await startServer({ routes });
  api = createApi({ baseUrl: server.origin, retry: { backoff: () => 1 } });
});
afterAll(() => server.close());

describe('longRunning over a socket', () => {
  it.each(['calm', 'shaky'])('polls a %s server until the result is there', async (job) => {
    const rows$ = longRunning(api.post(`/jobs?job=${job}`, { as: ndjson() }));
    expect(await all(rows$)).toHaveLength(10);
  });

  it('starts the work anew with each subscription', async () => {
    server.reset();
    const rows$ = longRunning(api.post('/jobs?job=twice', { as: ndjson() }));
    await Promise.all([all(rows$), all(rows$)]);
    expect(server.requests().filter(({ method }) => method === 'POST')).toHaveLength(2);
  });

  it('closes the socket of a poll that hangs within 50 ms of leaving', async () => {
    const tookMs = await leastMs(50, async (n) => {
      const stuck$ = longRunning(api.post('/jobs'), { monitor: () => `/jobs/slow?id=stuck${n}`, waitMs: 0 });
      const subscription = stuck$.subscribe();
      await server.waitFor(({ id }) => id === `stuck${n}`);
      const left = performance.now();
      subscription.unsubscribe();
      await server.closed(`stuck${n}`);
      return performance.now() - left;
    });
    expect(tookMs).toBeLessThan(50);
  });

  it('goes on with a state in another client', async () => {
    const first$ = longRunning(api.post('/jobs?job=kept', { as: ndjson() }));
    const state = await new Promise<string>((resolve) => {
      const subscription = first$.events().subscribe((event) => {
        if (event.type !== 'running') return;
        resolve(JSON.stringify(event.operation.serialize()));
        queueMicrotask(() => subscription.unsubscribe());
      });
    });
    server.reset();
    const other = createApi({ baseUrl: server.origin });
    const rows$ = longRunning(other.post('/jobs?job=kept', { as: ndjson() }), { from: JSON.parse(state) as never });
    expect(await all(rows$)).toHaveLength(10);
    expect(server.requests().map(({ method }) => method)).not.toContain('POST');
    await other.close();
  });

  it('holds back a result of many values that nobody asks for', async () => {
    const rows$ = longRunning(api.put('/jobs?job=big', { as: ndjson<{ row: number }>() }), {
      mode: ({ url }, poll) =>
        poll === 0 ? { state: 'running', monitor: url } : { state: 'succeeded', resultUrl: '/ndjson' },
      waitMs: 0,
    });
    let rows = 0;
    for await (const _ of rows$) if (++rows === 5) break;
    const endless = server.requests().find(({ path }) => path === '/ndjson');
    expect(endless!.wrote).toBeLessThan(16_000_000);
  });

  it('fails as the call does, when that fails', async () => {
    expect(await failure(longRunning(api.get('/reply?status=409')))).toMatchObject({ kind: 'status', status: 409 });
    expect(await failure(longRunning(api.get('../x')))).toMatchObject({ kind: 'config', field: 'path' });
    const { error } = await outcome(longRunning(api.get('../x')).events());
    expect(error).toMatchObject({ kind: 'config', field: 'path' });
  });
});

/** A transport that answers at once: the call with 202, the result with as many rows as its path says. */
function answering(): Transport {
  const fake = fakeTransport();
  return {
    capabilities: fake.capabilities,
    open(request, sink) {
      const handle = fake.open(request, sink);
      const rows = Number(request.path.slice(1));
      if (request.method === 'GET') fake.last.answer(200, '{"row":1}\n'.repeat(rows));
      else fake.last.answer(202, undefined, { location: request.path, 'retry-after': '0' });
      return handle;
    },
  };
}

describe.each([
  [
    'with a result of its own URL',
    { mode: ({ url }: { url: string }) => ({ state: 'succeeded', resultUrl: url }) as const },
  ],
  ['with a result in a poll', {}],
])('longRunning %s', (_, options) => {
  const api202 = createApi({ baseUrl: 'https://a.test', transport: answering(), timeouts: false });
  const make = (count: number): Flow<unknown> => longRunning(api202.post(`/${count}`, { as: ndjson() }), options);
  const failing = (error: unknown): Flow<unknown> =>
    longRunning(
      api202.post('/1', {
        body: () => {
          throw error;
        },
      }),
    );
  obeysTheFlowRules(make, { it, expect, gc, most: 25_000, failing });
});

describe('what longRunning refuses', () => {
  const call = createApi({ baseUrl: 'https://a.test' }).post('/jobs');

  it.each([
    ['longRunning.call', () => longRunning((() => call) as never)],
    ['longRunning.call', () => longRunning(null as never)],
    ['longRunning.mode', () => longRunning(call, { mode: 'poll' as never })],
    ['longRunning.monitor', () => longRunning(call, { monitor: '/status' as never })],
    ['longRunning.stateOf', () => longRunning(call, { stateOf: 'state' as never })],
    ['longRunning.words.failed', () => longRunning(call, { words: { failed: 'failed' as never } })],
    ['longRunning.words.fail', () => longRunning(call, { words: { fail: [] } as never })],
    ['longRunning.result', () => longRunning(call, { result: 'body' as never })],
    ['longRunning.waitMs', () => longRunning(call, { waitMs: -1 })],
    ['longRunning.maxWaitMs', () => longRunning(call, { maxWaitMs: NaN })],
    ['longRunning.failures', () => longRunning(call, { failures: 1.5 })],
    ['longRunning.graceMs', () => longRunning(call, { graceMs: -1 })],
    ['longRunning.respondAsync', () => longRunning(call, { respondAsync: -1 })],
    ['longRunning.push', () => longRunning(call, { push: [] as never })],
    ['longRunning.cancel', () => longRunning(call, { cancel: 'delete' as never })],
    ['longRunning.poll', () => longRunning(call, { poll: 1 } as never)],
  ])('%s', (field, make) => {
    expect(make).toThrowError(expect.objectContaining({ kind: 'config', field }));
  });
});
