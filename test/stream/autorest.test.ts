import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createApi } from '../../lib/http/api.js';
import type { CallOptions } from '../../lib/http/types.js';
import { longRunning } from '../../lib/stream/long-running.js';
import type { LongRunningOptions } from '../../lib/stream/operation-settings.js';
import { paginate } from '../../lib/stream/paginate.js';
import { type Autorest, cookieJar, startAutorest } from '../support/autorest.js';
import { outcome } from '../support/outcome.js';

/** The 81 operations of Azure's test server for clients that poll: `lro.json` of the server, in its order. */
let server: Autorest | undefined;
beforeAll(async () => {
  server = await startAutorest();
  if (!server) process.stderr.write('autorest: 81 scenarios skipped, the test server cannot be installed\n');
}, 240_000);
afterAll(() => server?.close());

type Expected = { readonly value: unknown } | { readonly error: object };
interface Scenario {
  readonly expected: Expected;
  readonly options?: LongRunningOptions;
  readonly call?: CallOptions;
}

/** A page; the name of its items and of its link differ. */
interface Listed {
  readonly values?: readonly Item[];
  readonly value?: readonly Item[];
  readonly nextLink?: string;
  readonly 'odata.nextLink'?: string;
}
interface Item {
  readonly properties: { readonly id: number };
}

const value = (shape: unknown): Expected => ({ value: shape });
const error = (shape: object): Expected => ({ error: shape });
const foo = value(expect.objectContaining({ id: '100', name: 'foo' }));
const sub = value(expect.objectContaining({ id: '100', subresource: 'sub1' }));
const sku = value({ id: '100', name: 'sku' });
const none = value(undefined);
const failed = error({ kind: 'operation', outcome: 'failed', state: 'Failed' });
const canceled = error({ kind: 'operation', outcome: 'canceled', state: 'Canceled' });
const bad = error({ kind: 'status', status: 400 });
const lost = error({ kind: 'status', status: 404 });
const protocol = error({ kind: 'protocol' });
const decode = error({ kind: 'decode' });
const custom = { headers: { 'x-ms-client-request-id': '9C4D50EE-2D56-4CD3-8152-34347DC9F2B0' } };
// A POST that failed is sent again only where the caller says that it may be.
const keyed = { idempotencyKey: true } as const;

const scenarios: Record<string, Expected | Scenario> = {
  'PUT put/200/succeeded': foo,
  'PATCH patch/200/succeeded/ignoreheaders': foo,
  'PATCH patch/201/retry/onlyAsyncHeader': value(expect.objectContaining({ name: 'foo' })),
  'PATCH patch/202/retry/asyncAndLocationHeader': value(expect.objectContaining({ name: '202' })),
  'PUT put/201/succeeded': foo,
  'POST list': value([{ id: '100', name: 'foo' }]),
  'PUT put/200/succeeded/nostate': foo,
  'PUT put/202/retry/200': foo,
  'PUT put/201/creating/succeeded/200': foo,
  'PUT put/200/updating/succeeded/200': foo,
  'PUT put/201/created/failed/200': failed,
  'PUT put/200/accepted/canceled/200': canceled,
  'PUT put/noheader/202/200': foo,
  'PUT putasync/retry/succeeded': foo,
  'PUT putasync/noretry/succeeded': foo,
  'PUT putasync/retry/failed': failed,
  'PUT putasync/noretry/canceled': canceled,
  'PUT putasync/noheader/201/200': foo,
  'PUT putnonresource/202/200': sku,
  'PUT putnonresourceasync/202/200': sku,
  'PUT putsubresource/202/200': sub,
  'PUT putsubresourceasync/202/200': sub,
  'DELETE delete/provisioning/202/accepted/200/succeeded': foo,
  'DELETE delete/provisioning/202/deleting/200/failed': failed,
  'DELETE delete/provisioning/202/deleting/200/canceled': canceled,
  'DELETE delete/204/succeeded': none,
  'DELETE delete/202/retry/200': none,
  'DELETE delete/202/noretry/204': none,
  'DELETE delete/noheader': none,
  'DELETE deleteasync/noheader/202/204': none,
  'DELETE deleteasync/retry/succeeded': none,
  'DELETE deleteasync/noretry/succeeded': none,
  'DELETE deleteasync/retry/failed': failed,
  'DELETE deleteasync/retry/canceled': canceled,
  'POST post/payload/200': value({ id: '1', name: 'product' }),
  'POST post/202/retry/200': foo,
  'POST post/202/noretry/204': none,
  'POST LROPostDoubleHeadersFinalLocationGet': foo,
  'POST LROPostDoubleHeadersFinalAzureHeaderGet': {
    expected: value({ status: 'succeeded', id: '100' }),
    options: { result: 'monitor' },
  },
  'POST LROPostDoubleHeadersFinalAzureHeaderGetDefault': foo,
  'POST postasync/retry/succeeded': foo,
  'POST postasync/noretry/succeeded': foo,
  'POST postasync/retry/failed': error({
    kind: 'operation',
    outcome: 'failed',
    detail: { code: 500, message: 'Internal Server Error' },
  }),
  'POST postasync/retry/canceled': canceled,
  'PUT retryerror/put/201/creating/succeeded/200': foo,
  'PUT retryerror/putasync/retry/succeeded': foo,
  'DELETE retryerror/delete/provisioning/202/accepted/200/succeeded': foo,
  'DELETE retryerror/delete/202/retry/200': foo,
  'DELETE retryerror/deleteasync/retry/succeeded': none,
  'POST retryerror/post/202/retry/200': { expected: foo, call: keyed },
  'POST retryerror/postasync/retry/succeeded': { expected: sku, call: keyed },
  'PUT nonretryerror/put/400': bad,
  'PUT nonretryerror/put/201/creating/400': bad,
  'PUT nonretryerror/put/201/creating/400/invalidjson': bad,
  'PUT nonretryerror/putasync/retry/400': bad,
  'DELETE nonretryerror/delete/400': bad,
  'DELETE nonretryerror/delete/202/retry/400': bad,
  'DELETE nonretryerror/deleteasync/retry/400': bad,
  'POST nonretryerror/post/400': bad,
  'POST nonretryerror/post/202/retry/400': bad,
  'POST nonretryerror/postasync/retry/400': bad,
  // 201 without a word of a state is a finished creation, unless the caller knows that resources here have one.
  'PUT error/put/201/noprovisioningstatepayload': { expected: protocol, options: { mode: 'body' } },
  'PUT error/putasync/retry/nostatus': protocol,
  'PUT error/putasync/retry/nostatuspayload': protocol,
  'DELETE error/delete/204/nolocation': none,
  'DELETE error/deleteasync/retry/nostatus': protocol,
  'POST error/post/202/nolocation': protocol,
  'POST error/postasync/retry/nopayload': protocol,
  'PUT error/put/200/invalidjson': decode,
  'PUT error/putasync/retry/invalidheader': lost,
  'PUT error/putasync/retry/invalidjsonpolling': decode,
  'DELETE error/delete/202/retry/invalidheader': lost,
  'DELETE error/deleteasync/retry/invalidheader': lost,
  'DELETE error/deleteasync/retry/invalidjsonpolling': decode,
  'POST error/post/202/retry/invalidheader': lost,
  'POST error/postasync/retry/invalidheader': lost,
  'POST error/postasync/retry/invalidjsonpolling': decode,
  'PUT customheader/putasync/retry/succeeded': { expected: foo, call: custom },
  'PUT customheader/put/201/creating/succeeded/200': { expected: foo, call: custom },
  'POST customheader/post/202/retry/200': { expected: none, call: custom },
  'POST customheader/postasync/retry/succeeded': {
    expected: value({ status: 'Succeeded' }),
    call: custom,
  },
};

describe("Azure's autorest test server", () => {
  it('has 81 operations that take long', () => {
    expect(Object.keys(scenarios)).toHaveLength(81);
  });

  it.each(Object.entries(scenarios))('%s', async (operation, scenario) => {
    if (!server) return;
    const [method, path] = operation.split(' ') as [string, string];
    const { expected, options, call }: Scenario = 'expected' in scenario ? scenario : { expected: scenario };
    const api = createApi({
      baseUrl: `${server.origin}/lro`,
      attemptLayers: [cookieJar()],
      retry: { backoff: () => 1, budget: false },
    });
    const operation$ = longRunning(api.request(method, path, call), { waitMs: 1, graceMs: 20, ...options });
    const { values, error: thrown } = await outcome(operation$);
    await api.close();
    if ('error' in expected) expect(thrown).toMatchObject(expected.error);
    else expect({ values, thrown }).toEqual({ values: [expected.value], thrown: undefined });
  });

  const ten = Array.from({ length: 10 }, (_, at) => at + 1);
  it.each<[path: string, ids: readonly number[], error: unknown]>([
    ['single', [1], undefined],
    ['multiple', ten, undefined],
    ['multiple/odata', ten, undefined],
    ['multiple/withpath/0', ten, undefined],
    ['multiple/retryfirst', ten, undefined],
    ['multiple/retrysecond', [1, 1, ...ten.slice(2)], undefined], // its second page says 1
    ['firstResponseEmpty/1', [1], undefined],
    ['customurl/partialnextlink', [1, 2], undefined],
    ['single/failure', [], expect.objectContaining({ kind: 'status', status: 400 })],
    ['multiple/failure', [1], expect.objectContaining({ kind: 'status', status: 400 })],
    ['multiple/failureuri', [1], expect.objectContaining({ kind: 'status', status: 404 })],
  ])('gives the pages of paging/%s', async (path, ids, thrown) => {
    if (!server) return;
    const api = createApi({ baseUrl: server.origin, attemptLayers: [cookieJar()], retry: { backoff: () => 1 } });
    const items$ = paginate((at) => api.get<Listed>(at ?? `/paging/${path}`), {
      next: ({ body, url }) => {
        const link = body.nextLink ?? body['odata.nextLink'];
        return link === undefined ? undefined : new URL(link, url).href;
      },
      items: ({ values: named, value: unnamed = [] }) => named ?? unnamed,
    });
    const { values, error: ending } = await outcome(items$);
    await api.close();
    expect({ ids: values.map(({ properties: { id } }) => id), ending }).toEqual({ ids, ending: thrown });
  });

  it('has seen each scenario to its end, as it says itself', async () => {
    if (!server) return;
    const report = (await (await fetch(`${server.origin}/report/azure`)).json()) as Record<string, number>;
    const hits = Object.entries(report).filter(
      ([name]) => /^(LRO|CustomHeader)/.test(name) && !/Parameterized/.test(name),
    );
    expect(hits.length).toBeGreaterThan(70);
    expect(hits.filter(([, count]) => count === 0)).toEqual([]);
  });
});
