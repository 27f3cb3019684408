import { firstValueFrom, lastValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { ndjson } from '../../lib/codec/ndjson.js';
import { ConfigError, NetworkError } from '../../lib/core/errors.js';
import { createApi } from '../../lib/http/api.js';
import { quiet } from '../../lib/testing/flow-probe.js';
import { fakeTransport } from '../../lib/testing/fake-transport.js';

function setUp() {
  const fake = fakeTransport();
  return { fake, api: createApi({ baseUrl: 'https://cities.test/v1', transport: fake, retry: { backoff: () => 1 } }) };
}

describe('a client on a fake transport', () => {
  it('gets the answer of the expectation that takes its request', async () => {
    const { fake, api } = setUp();
    fake.expect({ method: 'POST' }).answer(201, { id: 2 });
    fake.expect({ path: '/v1/cities/1' }).answer(200, { name: 'Oslo' });
    expect(await firstValueFrom(api.get('cities/1'))).toEqual({ name: 'Oslo' });
    expect(await firstValueFrom(api.post('cities', { body: { name: 'Bergen' } }))).toEqual({ id: 2 });
    expect(fake.last.request).toMatchObject({ method: 'POST', body: '{"name":"Bergen"}' });
    fake.verify();
  });

  it('retries, once per expectation', async () => {
    const { fake, api } = setUp();
    fake.expect().fail(new NetworkError('connection reset', 'receive'));
    fake.expect().answer(503);
    fake.expect().answer(200, { time: 3 });
    expect(await firstValueFrom(api.get('cities'))).toEqual({ time: 3 });
    expect(fake.requests).toHaveLength(3);
  });

  it('fails, without another try, when nothing expects its request', async () => {
    const { fake, api } = setUp();
    fake.expect({ path: '/v1/cities' });
    const lost = await lastValueFrom(api.get('city')).catch((error: unknown) => error);
    expect(lost).toBeInstanceOf(ConfigError);
    expect(lost).toMatchObject({
      message: expect.stringContaining('GET https://cities.test/v1/city was not expected'),
    });
  });

  it('holds the sender back while nobody takes its values, and leaves when the loop is left', async () => {
    const { fake, api } = setUp();
    const answer = fake.expect().head(200, { 'content-type': 'application/x-ndjson' });
    const lines = Array.from({ length: 100 }, (_, n) => `{"n":${n}}\n`).join('');
    answer.chunk(lines).chunk(lines).stall();
    for await (const row of api.get<{ n: number }>('rows', { as: ndjson() })) {
      await quiet();
      if (row.n === 3) break;
    }
    expect([answer.paused, answer.aborted]).toEqual([true, true]);
    fake.verify();
  });
});
