import { config, map, take } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { lines } from '../../lib/codec/lines.js';
import { ndjson } from '../../lib/codec/ndjson.js';
import type { Demand } from '../../lib/core/demand.js';
import { FLOW, type Flow, isFlow } from '../../lib/core/flow.js';
import { through } from '../../lib/core/through.js';
import { type Api, createApi } from '../../lib/http/api.js';
import type { ApiOptions, Layer } from '../../lib/http/types.js';
import { fakeTransport } from '../../lib/testing/fake-transport.js';
import { obeysTheFlowRules } from '../../lib/testing/flow-rules.js';
import type { Transport } from '../../lib/transport/contract.js';
import { gc } from '../support/gc.js';
import { all } from '../support/outcome.js';
import { type Server, startServer } from '../support/server.js';

interface Row {
  readonly row: number;
}

/** A transport that answers at once, with as many rows as the path says. */
function answering(): Transport {
  const fake = fakeTransport();
  return {
    capabilities: fake.capabilities,
    open(request, sink) {
      const handle = fake.open(request, sink);
      const rows = Number(request.path.slice(1));
      const answer = fake.last.head(200);
      for (let row = 1; row <= rows; row += 1000) answer.chunk('{"row":1}\n'.repeat(Math.min(1000, rows - row + 1)));
      answer.end();
      return handle;
    },
  };
}

const passing: Layer = (request, next) => next(request).pipe(map((event) => event));
/** A call that fails with a foreign error. */
const failing =
  (api: Api) =>
  (error: unknown): Flow<unknown> =>
    api.post('/1', {
      as: ndjson(),
      body: () => {
        throw error;
      },
    });

describe.each<[string, ApiOptions]>([
  ['a call', {}],
  ['a call through layers', { layers: [passing] }],
  ['a call through attempt layers', { attemptLayers: [passing, passing] }],
])('%s with a many-value body', (_, options) => {
  const api = createApi({ baseUrl: 'https://a.test', transport: answering(), timeouts: false, ...options });
  const make = (count: number): Flow<unknown> => api.get(`/${count}`, { as: ndjson() });
  obeysTheFlowRules(make, { it, expect, gc, most: 25_000, failing: failing(api) });
});

describe('a call with one value', () => {
  const api = createApi({ baseUrl: 'https://a.test', transport: answering(), timeouts: false });
  obeysTheFlowRules(() => api.get('/1'), { it, expect, gc, most: 1, failing: failing(api) });
});

describe('a call over a real socket', () => {
  let server: Server;
  let api: Api;
  beforeAll(async () => {
    server = await startServer();
    api = createApi({ baseUrl: server.origin });
  });
  afterAll(async () => {
    await api.close();
    await server.close();
  });
  const rows = (count: number | 'endless', query = {}): Flow<Row> =>
    api.get<Row>('/ndjson', { as: ndjson(), query: { rows: count, ...query } });

  // Rule 3.3 takes 20,000 rows, which the calls above have had.
  obeysTheFlowRules((count) => rows(count === Infinity ? 'endless' : count), { it, expect, gc, except: ['3.3'] });

  it('is a Flow, and so is what comes out of via()', () => {
    expect([isFlow(rows(1)), isFlow(rows(1).via(through(map(({ row }: Row) => row))))]).toEqual([true, true]);
    expect(isFlow(rows(1).pipe(map(({ row }) => row)))).toBe(false);
  });

  it('is cancelled by leaving a loop, and by an error inside of one', async () => {
    let seen = 0;
    for await (const { row } of rows('endless', { id: 'break' })) if ((seen = row) === 100) break;
    expect(seen).toBe(100);
    expect((await server.closed('break')).state).toBe('aborted');
    const mine = new Error('mine');
    const read = async (): Promise<void> => {
      for await (const { row } of rows('endless', { id: 'throw' })) if (row === 3) throw mine;
    };
    await expect(read()).rejects.toBe(mine);
    expect((await server.closed('throw')).state).toBe('aborted');
  });

  it('gives a loop every value, then its error', async () => {
    const seen: number[] = [];
    const read = async (): Promise<void> => {
      for await (const { row } of rows(40, { then: 'reset' })) seen.push(row);
    };
    await expect(read()).rejects.toMatchObject({ kind: 'network' });
    expect(seen).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
  });

  it('keeps demand through via(): the server is held back', async () => {
    const odd = through(
      map(({ row }: Row) => row),
      take(1000),
    );
    const numbers = rows('endless', { size: 1000, id: 'via' }).via(odd)[Symbol.asyncIterator]();
    expect(await numbers.next()).toEqual({ done: false, value: 1 });
    const held = await server.waitFor(({ id, heldMs }) => id === 'via' && heldMs > 100, 8000);
    expect(held.flushed).toBeLessThan(20_000_000);
    for (let row = 2; row <= 1000; row++) expect(await numbers.next()).toEqual({ done: false, value: row });
    expect(await numbers.next()).toMatchObject({ done: true });
    expect((await server.closed('via')).state).toBe('aborted');
  });

  it('cancels a subscriber that throws, and reports what it threw', async () => {
    const { onUnhandledError } = config;
    const reported: unknown[] = [];
    config.onUnhandledError = (error) => reported.push(error);
    const mine = new Error('mine');
    const told: string[] = [];
    rows('endless', { id: 'rule-2.13' })[FLOW].subscribe({
      onSubscribe: (demand) => demand.request(10),
      onNext: () => {
        told.push('next');
        throw mine;
      },
      onError: () => told.push('error'),
      onComplete: () => told.push('complete'),
    });
    expect((await server.closed('rule-2.13')).state).toBe('aborted');
    await expect.poll(() => reported).toEqual([mine]);
    config.onUnhandledError = onUnhandledError;
    expect(told).toEqual(['next']);
  });

  it('sends its request when it is subscribed to, and reads no further than it is asked', async () => {
    let demand: Demand | undefined;
    const values: string[] = [];
    api.get<string>('/chunks?chunk=a%0Ab%0Ac&id=unasked', { as: lines() })[FLOW].subscribe({
      onSubscribe: (given) => (demand = given),
      onNext: (value) => values.push(value),
      onError: () => values.push('error'),
      onComplete: () => values.push('complete'),
    });
    await server.waitFor(({ id, state }) => id === 'unasked' && state === 'finished');
    for (const expected of [['a'], ['a', 'b'], ['a', 'b', 'c', 'complete']]) {
      demand!.request(1);
      await expect.poll(() => values).toEqual(expected);
    }
  });

  it('shares nothing between subscribers', async () => {
    const call = rows(3);
    expect(await Promise.all([all(call), all(call), all(call)])).toEqual(
      [1, 2, 3].map(() => [{ row: 1 }, { row: 2 }, { row: 3 }]),
    );
  });
});
