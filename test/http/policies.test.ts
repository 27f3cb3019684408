import { firstValueFrom } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { ConfigError } from '../../lib/core/errors.js';
import { createBreaker } from '../../lib/core/policy/breaker.js';
import { createBulkhead } from '../../lib/core/policy/bulkhead.js';
import { type Api, createApi } from '../../lib/http/api.js';
import { perOrigin } from '../../lib/http/keyed.js';
import { breakCircuit } from '../../operators/break-circuit.js';
import { deadline } from '../../operators/deadline.js';
import { limitConcurrency } from '../../operators/limit-concurrency.js';
import { retryBackoff } from '../../operators/retry-backoff.js';
import { standardPolicies } from '../../operators/standard-policies.js';
import { timeoutEach } from '../../operators/timeout-each.js';
import { all, failure } from '../support/outcome.js';
import { type Server, startServer } from '../support/server.js';

let server: Server;
let open: Api;
beforeAll(async () => {
  server = await startServer();
  open = createApi({ baseUrl: server.origin, retry: { backoff: () => 1 } });
});
afterAll(async () => {
  await open.close();
  await server.close();
});

let keys = 0;
const key = (): string => `policies-${++keys}`;
const seen = (id: string): number => server.requests().filter((one) => one.id === id).length;

describe('a policy in place of a layer', () => {
  it('sees each attempt', async () => {
    const breaker = createBreaker();
    const api = open.extend({ attemptLayers: [breakCircuit(breaker)] });
    await all(api.get(`/flaky?key=${key()}&fail=2`));
    expect(breaker.state).toMatchObject({ failed: 2, succeeded: 1 });
  });

  it('sees each call once around the retries', async () => {
    const breaker = createBreaker();
    const api = open.extend({ layers: [breakCircuit(breaker)] });
    await all(api.get(`/flaky?key=${key()}&fail=2`));
    expect(breaker.state).toMatchObject({ failed: 0, succeeded: 1 });
  });

  it('counts what the server answers to a call that may not be repeated', async () => {
    const breaker = createBreaker({ minCalls: 2 });
    const api = open.extend({ attemptLayers: [breakCircuit(breaker)] });
    for (let i = 0; i < 2; i++) expect(await failure(api.post('/reply?status=503'))).toMatchObject({ attempts: 1 });
    expect(breaker.state.status).toBe('open');
    expect(await failure(api.post('/reply?status=503'))).toMatchObject({ kind: 'rejected', why: 'circuit-open' });
  });

  it('counts no 404 as a failure of the server', async () => {
    const breaker = createBreaker({ minCalls: 2 });
    const api = open.extend({ attemptLayers: [breakCircuit(breaker)] });
    for (let i = 0; i < 4; i++) await failure(api.get('/reply?status=404'));
    expect(breaker.state).toMatchObject({ status: 'closed', failed: 0, succeeded: 4 });
  });

  it('may be made for each origin', async () => {
    const made: string[] = [];
    const api = open.extend({
      attemptLayers: [
        perOrigin((origin) => {
          made.push(origin);
          return limitConcurrency(createBulkhead({ limit: 4 }));
        }),
      ],
    });
    await Promise.all(Array.from({ length: 12 }, () => firstValueFrom(api.get('/json'))));
    expect(made).toEqual([server.origin]);
  });

  it('gives its place back when the call is left', async () => {
    const bulkhead = createBulkhead({ limit: 1 });
    const api = open.extend({ attemptLayers: [limitConcurrency(bulkhead)] });
    const id = key();
    const subscription = api.get('/echo', { query: { delay: 10_000, id } }).subscribe();
    await server.waitFor((one) => one.id === id);
    expect(bulkhead.state.running).toBe(1);
    subscription.unsubscribe();
    expect(bulkhead.state.running).toBe(0);
    expect((await server.closed(id)).state).toBe('aborted');
  });

  it('takes the whole standard set for each attempt', async () => {
    const api = open.extend({
      attemptLayers: [perOrigin(() => standardPolicies({ totalMs: false, retry: false, name: 'test' }))],
    });
    expect(await all(api.get(`/flaky?key=${key()}&fail=2`))).toHaveLength(1);
    expect((await firstValueFrom(api.get(`/flaky?key=${key()}&fail=1`).response())).attempts).toBe(2);
  });

  it('does not make the client repeat what may not be repeated', async () => {
    const api = open.extend({ attemptLayers: [timeoutEach(30)] });
    const id = key();
    const error = await failure(api.post('/echo', { query: { delay: 10_000, id } }));
    expect(error).toMatchObject({ kind: 'timeout', which: 'attempt', attempts: 1, retryable: false });
    expect(seen(id)).toBe(1);
  });

  it('makes the client repeat what may be repeated', async () => {
    const api = open.extend({ attemptLayers: [timeoutEach(30)] });
    const error = await failure(api.get('/echo', { query: { delay: 10_000 } }));
    expect(error).toMatchObject({ kind: 'timeout', which: 'attempt', attempts: 3 });
  });
});

describe('a policy that cannot work as a layer', () => {
  it.each(['layers', 'attemptLayers'] as const)('is refused: a second retry in %s', (name) => {
    const build = () => createApi({ [name]: [standardPolicies({ totalMs: false })] });
    expect(build).toThrow(ConfigError);
    expect(build).toThrow(`${name}[0]: retryBackoff beside the client's own retry: say retry: false to one of the two`);
    expect(() => createApi({ [name]: [retryBackoff()], retry: false })).not.toThrow();
  });

  it('is refused: a total time in each attempt', () => {
    expect(() => createApi({ attemptLayers: [deadline(1000)] })).toThrow(
      'attemptLayers[0]: a deadline would start anew with each attempt: use timeouts.totalMs',
    );
    expect(() => createApi({ layers: [deadline(1000)] })).not.toThrow();
  });
});
