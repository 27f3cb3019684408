import { firstValueFrom } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { bytes } from '../../lib/codec/bytes.js';
import { lines } from '../../lib/codec/lines.js';
import { ndjson } from '../../lib/codec/ndjson.js';
import { text } from '../../lib/codec/text.js';
import { FLOW } from '../../lib/core/flow.js';
import { createApi } from '../../lib/http/api.js';
import { Probe } from '../../lib/testing/flow-probe.js';
import { all, failure, outcome } from '../support/outcome.js';
import { type Server, startServer } from '../support/server.js';

interface Echo {
  readonly method: string;
  readonly url: string;
  readonly headers: [string, string][];
  readonly body: { readonly text: string };
}

let server: Server;
let api: ReturnType<typeof createApi>;
beforeAll(async () => {
  server = await startServer();
  api = createApi({ baseUrl: server.origin });
});
afterAll(async () => {
  await api.close();
  await server.close();
});

describe('a call', () => {
  it('emits the decoded body and completes', async () => {
    expect(await outcome(api.get('/json'))).toEqual({
      values: [{ ok: true, list: [1, 2, 3], text: '€' }],
      error: undefined,
    });
  });

  it.each(['get', 'options', 'post', 'put', 'patch', 'delete'] as const)('sends %s', async (verb) => {
    expect((await firstValueFrom(api[verb]<Echo>('/echo'))).method).toBe(verb.toUpperCase());
  });

  it('sends any other method by request()', async () => {
    expect((await firstValueFrom(api.request<Echo>('PURGE', '/echo'))).method).toBe('PURGE');
  });

  it('has no body to emit for HEAD and 204', async () => {
    expect(await outcome(api.head('/json'))).toEqual({ values: [undefined], error: undefined });
    expect(await outcome(api.get('/no-content'))).toEqual({ values: [undefined], error: undefined });
  });

  it('is cold: nothing is sent before it is subscribed to, and each subscription is an exchange', async () => {
    server.reset();
    const call = api.get('/json');
    expect(server.requests()).toHaveLength(0);
    await all(call);
    await all(call);
    expect(server.requests()).toHaveLength(2);
  });

  it('joins path, template and query', async () => {
    const { url } = await firstValueFrom(
      api.get<Echo>('/echo{?q}', { path: { q: 'a b' }, query: { tags: ['x', 'y'] } }),
    );
    expect(url).toBe('/echo?q=a%20b&tags=x&tags=y');
  });

  it('sends header fields over those of the client, and asks for what it can decode', async () => {
    const client = api.extend({ headers: { 'X-A': 'client', 'X-B': 'client' } });
    const { headers } = await firstValueFrom(
      client.get<Echo>('/echo', { headers: { 'x-b': 'call', 'x-c': ['1', '2'] } }),
    );
    expect(headers).toEqual(
      expect.arrayContaining([
        ['accept', 'application/json'],
        ['x-a', 'client'],
        ['x-b', 'call'],
        ['x-c', '1'],
        ['x-c', '2'],
      ]),
    );
    expect(headers).not.toContainEqual(['x-b', 'client']);
  });

  it('sends what the options said when the call was made', async () => {
    const options = { body: { name: 'before' }, headers: { 'x-a': 'before' } };
    const call = api.post<Echo>('/echo', options);
    options.body.name = 'after';
    options.headers['x-a'] = 'after';
    const { body, headers } = await firstValueFrom(call);
    expect(body.text).toBe('{"name":"before"}');
    expect(headers).toContainEqual(['x-a', 'before']);
  });

  it.each([
    ['text', text(), 'x'.repeat(3), '/drip?bytes=3'],
    ['bytes', bytes(), new Uint8Array([120, 120]), '/drip?bytes=2'],
  ])('decodes %s', async (_, as, value, path) => {
    expect(await firstValueFrom(api.get<unknown>(path, { as }))).toEqual(value);
  });

  it('emits each line and each record of a many-value body', async () => {
    expect(await all(api.get('/chunks?chunk=a&chunk=b%0Ac', { as: lines() }))).toEqual(['ab', 'c']);
    expect(await all(api.get('/ndjson?rows=3', { as: ndjson() }))).toEqual([{ row: 1 }, { row: 2 }, { row: 3 }]);
  });

  it('checks the body against a schema', async () => {
    expect(await firstValueFrom(api.get('/json', { as: z.object({ ok: z.boolean() }) }))).toEqual({ ok: true });
    const error = await failure(api.get('/json', { as: z.object({ ok: z.string() }) }));
    expect(error).toMatchObject({ kind: 'schema', retryable: false, issues: [{ path: ['ok'] }] });
  });

  it('delivers the neighbours of a record that the schema refuses, then says which it was', async () => {
    const even = z.object({ row: z.number().refine((row) => row % 2 === 0, 'is odd') });
    const { values, error } = await outcome(api.get('/ndjson?rows=4', { as: ndjson(even) }));
    expect(values).toEqual([{ row: 2 }, { row: 4 }]);
    expect(error).toMatchObject({
      kind: 'decode',
      message: expect.stringContaining('2 records cannot be used') as string,
    });
    const skipped = await outcome(api.get('/ndjson?rows=4', { as: ndjson(even, { onInvalid: 'skip' }) }));
    expect(skipped).toEqual({ values: [{ row: 2 }, { row: 4 }], error: undefined });
    const failed = await outcome(api.get('/ndjson?rows=4', { as: ndjson(even, { onInvalid: 'fail' }) }));
    expect(failed).toMatchObject({ values: [], error: { kind: 'schema' } });
  });

  it('waits for asynchronous schemas, in order', async () => {
    const slow = z.object({ row: z.number() }).transform(async ({ row }) => {
      await new Promise((resolve) => setTimeout(resolve, row === 1 ? 10 : 0));
      return row;
    });
    expect(await all(api.get('/ndjson?rows=3', { as: ndjson(slow) }))).toEqual([1, 2, 3]);
  });

  it('delivers no record from within another, with a schema that is slow now and then', async () => {
    const validate = (value: unknown) =>
      value === 1 ? Promise.resolve({ value: value as number }) : { value: value as number };
    const schema = { '~standard': { version: 1 as const, vendor: 'test', validate } };
    const below = new Probe<number>(
      ({ demand }) => demand!.request(1),
      ({ demand }) => demand!.request(1),
    );
    api.get('/chunks?chunk=1%0A2%0A3%0A4%0A', { as: ndjson(schema) })[FLOW].subscribe(below);
    await below.ended();
    expect([below.values, below.deepest, below.ending]).toEqual([[1, 2, 3, 4], 1, 'complete']);
  });

  it('aborts the exchange when it is left, also in the middle of its body', async () => {
    const waiting = api.get('/bad/never?id=leave-head').subscribe();
    await server.waitFor(({ id }) => id === 'leave-head');
    waiting.unsubscribe();
    expect((await server.closed('leave-head')).state).toBe('aborted');
    for await (const row of api.get<{ row: number }>('/ndjson?rows=endless&id=leave-body', { as: ndjson() })) {
      if (row.row === 5) break;
    }
    expect((await server.closed('leave-body')).state).toBe('aborted');
  });

  it('holds the server back while its values are not wanted', async () => {
    const endless = api.get<{ row: number }>('/ndjson?rows=endless&size=1000&id=held', { as: ndjson() });
    const rows = endless[Symbol.asyncIterator]();
    await rows.next();
    const held = await server.waitFor((seen) => seen.id === 'held' && seen.heldMs > 200, 8000);
    expect(held.flushed).toBeLessThan(20_000_000);
    await rows.return?.();
  });
});

describe('response()', () => {
  it('gives status, headers, final URL, timings, attempts and body', async () => {
    const response = await firstValueFrom(api.get('/redirect?to=/json').response());
    expect(response).toMatchObject({ status: 200, url: server.url('/json'), attempts: 1, body: { ok: true } });
    expect(response.headers.get('Content-Type')).toContain('application/json');
    expect(response.timings.totalMs).toBeGreaterThanOrEqual(response.timings.headMs);
  });

  it('gathers a many-value body, within limits.bodyBytes', async () => {
    const { body } = await firstValueFrom(api.get('/ndjson?rows=3', { as: ndjson() }).response());
    expect(body).toEqual([{ row: 1 }, { row: 2 }, { row: 3 }]);
    const error = await failure(
      api.get('/ndjson?rows=endless', { as: ndjson(), limits: { bodyBytes: 1000 } }).response(),
    );
    expect(error).toMatchObject({ kind: 'limit', which: 'bodyBytes', limit: 1000 });
  });
});

describe('events()', () => {
  it('tells what happens, with the values among it', async () => {
    const events = await all(api.post('/echo', { body: 'hello' }).events());
    const types = events.map(({ type }) => type);
    expect(types.filter((type) => type !== 'upload' && type !== 'download')).toEqual([
      'sent',
      'head',
      'value',
      'response',
    ]);
    expect(types).toContain('upload');
    expect(types).toContain('download');
    expect(events.every(({ attempt }) => attempt === 1)).toBe(true);
  });
});
