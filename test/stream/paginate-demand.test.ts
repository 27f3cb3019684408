import { of } from 'rxjs';
import { describe, expect, it } from 'vitest';

import type { Demand } from '../../lib/core/demand.js';
import { FLOW, type Flow } from '../../lib/core/flow.js';
import type { ApiEvent } from '../../lib/http/answer-types.js';
import { type Api, createApi } from '../../lib/http/api.js';
import type { Layer } from '../../lib/http/types.js';
import { Pages, paginate, type PaginateOptions } from '../../lib/stream/paginate.js';
import { FakeHeaders } from '../../lib/testing/fake-headers.js';
import { type FakeTransport, fakeTransport } from '../../lib/testing/fake-transport.js';
import { obeysTheFlowRules } from '../../lib/testing/flow-rules.js';
import type { Transport } from '../../lib/transport/contract.js';
import { gc } from '../support/gc.js';

const PER_PAGE = 3;
const NO_TIME = { startedAt: 0, headMs: 0, totalMs: 0 };

/** A transport that answers at once: `/<last>?from=<n>` has three numbers behind n, up to the last one. */
function answering(): Transport {
  const fake = fakeTransport();
  return {
    capabilities: fake.capabilities,
    open(request, sink) {
      const handle = fake.open(request, sink);
      const [, last = 0, from = 0] = /^\/(\d+|Infinity)\?from=(\d+)/.exec(request.path)?.map(Number) ?? [];
      fake.last.answer(
        200,
        Array.from({ length: Math.min(PER_PAGE, last - from) }, (_, at) => from + at + 1),
      );
      return handle;
    },
  };
}

const numbered = (api: Api, last: number, options: PaginateOptions<readonly number[], number, number> = {}) =>
  paginate((from: number | undefined = 0) => api.get<number[]>(`/${last}`, { query: { from } }), {
    next: ({ body }, from = 0) => (body.length === PER_PAGE ? from + PER_PAGE : undefined),
    ...(options as { readonly prefetch?: boolean }),
  });

describe.each([{}, { prefetch: true }])('pages with %j', (options) => {
  const api = createApi({ baseUrl: 'https://a.test', transport: answering(), timeouts: false });
  const failing = (error: unknown): Flow<unknown> =>
    paginate<number>(() => {
      throw error;
    });
  obeysTheFlowRules((count) => numbered(api, count, options), { it, expect, gc, most: 3_000, failing });
});

interface Probe {
  readonly demand: Demand;
  readonly told: unknown[];
}
function subscribe<T>(flow: Flow<T>): Probe {
  let demand: Demand | undefined;
  const told: unknown[] = [];
  flow[FLOW].subscribe({
    onSubscribe: (given) => void (demand = given),
    onNext: (value) => void told.push(value),
    onError: (error) => void told.push(error),
    onComplete: () => void told.push('complete'),
  });
  return { demand: demand!, told };
}

describe('the demand of pages', () => {
  const settle = () =>
    new Promise<void>((resolve) => queueMicrotask(() => queueMicrotask(() => queueMicrotask(resolve))));
  const start = (options?: {
    readonly prefetch?: boolean;
  }): { fake: FakeTransport; probe: Probe; answer: (...items: number[]) => Promise<void> } => {
    const fake = fakeTransport();
    const api = createApi({ baseUrl: 'https://a.test', transport: fake });
    const probe = subscribe(numbered(api, 0, options));
    const answer = async (...items: number[]) => {
      fake.last.answer(200, items);
      await settle();
    };
    return { fake, probe, answer };
  };

  it('asks for the first page with the first request, and for the next one when its items are asked for', async () => {
    const { fake, probe, answer } = start();
    expect(fake.requests).toHaveLength(0);
    probe.demand.request(1);
    expect(fake.requests).toHaveLength(1);
    await answer(1, 2, 3);
    expect(probe.told).toEqual([1]);
    probe.demand.request(2);
    expect(probe.told).toEqual([1, 2, 3]);
    expect(fake.requests).toHaveLength(1);
    probe.demand.request(1);
    expect(fake.requests).toHaveLength(2);
    await answer(4);
    expect(probe.told).toEqual([1, 2, 3, 4, 'complete']);
  });

  it('fetches one page ahead with prefetch, once somebody has begun to read the one before, and no more', async () => {
    const { fake, probe, answer } = start({ prefetch: true });
    expect(fake.requests).toHaveLength(0);
    probe.demand.request(1);
    await answer(1, 2, 3);
    expect(fake.requests).toHaveLength(2);
    await answer(4, 5, 6);
    expect(fake.requests).toHaveLength(2);
    probe.demand.request(2);
    expect(fake.requests).toHaveLength(2);
    probe.demand.request(1);
    expect(probe.told).toEqual([1, 2, 3, 4]);
    expect(fake.requests).toHaveLength(3);
    await answer();
    expect(probe.told).toEqual([1, 2, 3, 4]);
    probe.demand.request(9);
    expect(probe.told).toEqual([1, 2, 3, 4, 5, 6, 'complete']);
  });

  it('fetches nothing ahead of a page that nobody has begun to read', async () => {
    const { fake, probe, answer } = start({ prefetch: true });
    probe.demand.request(3);
    await answer(1, 2, 3);
    await answer(4, 5, 6);
    expect(fake.requests).toHaveLength(2);
    probe.demand.request(1);
    expect(fake.requests).toHaveLength(3);
  });

  it('tells of a failure ahead behind the items before it', async () => {
    const { fake, probe, answer } = start({ prefetch: true });
    probe.demand.request(1);
    await answer(1, 2, 3);
    fake.last.answer(404);
    await settle();
    expect(probe.told).toEqual([1]);
    probe.demand.request(2);
    expect(probe.told).toEqual([1, 2, 3, expect.objectContaining({ kind: 'status' })]);
  });

  it.each([{}, { prefetch: true }])('aborts the page that is being fetched, with %j', async (options) => {
    const { fake, probe, answer } = start(options);
    probe.demand.request(4);
    await answer(1, 2, 3);
    probe.demand.cancel();
    expect(fake.last.aborted).toBe(true);
    expect(probe.told).toEqual([1, 2, 3]);
  });

  it('goes on through empty pages', async () => {
    const fake = fakeTransport();
    const api = createApi({ baseUrl: 'https://a.test', transport: fake });
    const next = ({ body }: { body: readonly number[] }) =>
      body.length === 0 ? String(fake.requests.length) : undefined;
    const probe = subscribe(paginate(() => api.get<number[]>('/'), { next }));
    probe.demand.request(1);
    for (const items of [[], [], [7]]) {
      fake.last.answer(200, items);
      await settle();
    }
    expect(probe.told).toEqual([7, 'complete']);
  });

  it('gives pages one for each that is asked for', async () => {
    const fake = fakeTransport();
    const api = createApi({ baseUrl: 'https://a.test', transport: fake });
    const items$ = numbered(api, 0);
    expect(items$).toBeInstanceOf(Pages);
    const probe = subscribe(items$.pages());
    probe.demand.request(1);
    fake.last.answer(200, [1, 2, 3]);
    await settle();
    expect(probe.told).toEqual([expect.objectContaining({ items: [1, 2, 3], cursor: undefined, next: 3 })]);
    expect(fake.requests).toHaveLength(1);
  });

  it('does not nest pages that a cache answers at once', async () => {
    const headers = new FakeHeaders();
    const response = { status: 200, headers, url: 'https://a.test/', attempts: 1, timings: NO_TIME };
    const cache: Layer = () =>
      of<ApiEvent<unknown>[]>({ type: 'value', attempt: 1, value: [1] }, { type: 'response', attempt: 1, response });
    const api = createApi({ baseUrl: 'https://a.test', transport: fakeTransport(), layers: [cache] });
    let sum = 0;
    const items$ = paginate((page: number | undefined) => api.get<number[]>('/', { query: { page } }), {
      next: (_, page = 0) => (page < 20_000 ? page + 1 : undefined),
    });
    await items$.forEach((item) => void (sum += item));
    expect(sum).toBe(20_001);
  });
});
