// Runs in each runtime, as a user's program would: plain JavaScript, the published package, a real server.
import { createApi, fromIterable, json, ndjson, toFetch } from 'millrace';
import { debounceMap, mergeOrdered, retryBackoff } from 'millrace/operators';
import { fakeTransport } from 'millrace/testing';
import { firstValueFrom, lastValueFrom, of, toArray } from 'rxjs';

const { origin } = globalThis.location ?? {};
const base = globalThis.BASE ?? globalThis.process?.env?.BASE ?? origin;
const api = createApi({ baseUrl: base, retry: { backoff: () => 1 } });
const key = `consumer-${Math.random()}`;

async function rowsUntil(last) {
  const rows = [];
  for await (const { row } of api.get('/ndjson?rows=endless', { as: ndjson() })) {
    rows.push(row);
    if (row === last) return rows;
  }
}

async function reasonOf(error) {
  return { kind: error.kind, status: error.status, attempts: error.attempts };
}

const fake = fakeTransport();
fake.expect().answer(200, { fake: true });

export const result = {
  json: await firstValueFrom(api.get('/json', { as: json() })),
  rows: await rowsUntil(3),
  retried: (await firstValueFrom(api.get('/flaky', { query: { key, fail: 2 } }).response())).attempts,
  ordered: await lastValueFrom(
    fromIterable([3, 1, 2])
      .via(mergeOrdered((n) => api.get('/echo', { query: { n } }), { concurrency: 3 }))
      .pipe(toArray()),
  ).then((echoes) => echoes.map(({ url }) => url)),
  searched: (
    await lastValueFrom(of('a', 'ab').pipe(debounceMap((q) => api.get('/echo', { query: { q } }), { waitMs: 1 })))
  ).url,
  failed: await firstValueFrom(api.get('/reply?status=404').pipe(retryBackoff())).catch(reasonOf),
  fetched: (await toFetch(api)('/reply?status=418')).status,
  faked: await firstValueFrom(createApi({ transport: fake }).get('http://fake.test/')),
};
await api.close();

globalThis.RESULT = result;
if (globalThis.process?.stdout && !origin) console.log(JSON.stringify(result));
