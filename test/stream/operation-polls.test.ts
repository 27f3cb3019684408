import { describe, expect, it } from 'vitest';

import { ndjson } from '../../lib/codec/ndjson.js';
import { bearer } from '../../lib/http/auth.js';
import { NetworkError } from '../../lib/core/errors.js';
import type { LongRunningOptions } from '../../lib/stream/operation-settings.js';
import { Watched } from '../support/operation.js';

const MONITOR = { 'operation-location': '/status' };
const started = async (options: LongRunningOptions = {}, headers: Record<string, string> = {}): Promise<Watched> => {
  const job = new Watched(options);
  await job.answer(202, undefined, { ...MONITOR, ...headers });
  return job;
};
const waits = (job: Watched): number[] =>
  job.events.flatMap((event) => (event.type === 'waiting' ? [event.delayMs] : []));
const running = { status: 'Running' };

describe('the wait before a poll', () => {
  it('is what Retry-After of the first answer says', async () => {
    const job = await started({}, { 'retry-after': '7' });
    await job.pass(6_999);
    expect(job.asked).toHaveLength(1);
    await job.pass(1);
    expect(job.asked).toHaveLength(2);
  });

  it('is what that of the last poll says', async () => {
    const job = await started({}, { 'retry-after': '0' });
    await job.pass(0);
    await job.answer(200, running, { 'retry-after': '3' });
    expect(waits(job)).toEqual([0, 3_000]);
  });

  it.each([
    ['Thu, 01 Jan 1970 00:16:45 GMT', {}, 5_000],
    ['Wed, 25 Nov 2026 10:00:09 GMT', { date: 'Wed, 25 Nov 2026 10:00:00 GMT' }, 9_000],
    ['Wed, 25 Nov 2026 09:59:00 GMT', { date: 'Wed, 25 Nov 2026 10:00:00 GMT' }, 0],
    ['Thu, 01 Jan 1970 00:16:45 GMT', { date: 'yesterday' }, 5_000],
  ])('reads the date %j against the Date of the server, with %j', async (retryAfter, headers, ms) => {
    // The client's clock begins at 00:16:40 on the first of January 1970.
    expect(waits(await started({}, { 'retry-after': retryAfter, ...headers }))).toEqual([ms]);
  });

  it.each(['-5', '1.5', 'soon', '/bar'])('is its own where Retry-After is %j', async (retryAfter) => {
    expect(waits(await started({ waitMs: 20 }, { 'retry-after': retryAfter }))).toEqual([20]);
  });

  it('is no longer than maxWaitMs', async () => {
    expect(waits(await started({}, { 'retry-after': '999999999' }))).toEqual([3_600_000]);
    expect(waits(await started({ maxWaitMs: 50 }, { 'retry-after': '10' }))).toEqual([50]);
    expect(waits(await started({ maxWaitMs: 50, waitMs: 70 }))).toEqual([50]);
  });

  it('grows from 1 s to 30 s where the server says none', async () => {
    const job = await started();
    for (let poll = 0; poll < 12; poll++) {
      await job.pass(30_000);
      await job.answer(200, running);
    }
    expect(waits(job).slice(0, 4)).toEqual([1_000, 1_500, 2_250, 3_375]);
    expect(waits(job).at(-1)).toBe(30_000);
  });

  it('may be a function of the last body, the poll and chance', async () => {
    const told: unknown[] = [];
    const job = await started({ waitMs: (fact, poll, random) => (told.push([fact, poll, random()]), NaN) });
    await job.pass(3_600_000);
    await job.answer(200, running);
    expect(told).toEqual([
      [undefined, 0, 0],
      [running, 1, 0],
    ]);
    expect(waits(job)).toEqual([3_600_000, 3_600_000]);
  });

  it('is up to a tenth longer than what the server says', async () => {
    const job = new Watched({}, undefined, { random: () => 0.5 });
    await job.answer(202, undefined, { ...MONITOR, 'retry-after': '10' });
    expect(waits(job)).toEqual([10_500]);
  });
});

describe('a poll that fails', () => {
  it.each([408, 429, 500, 503])('with %i says nothing of the operation', async (status) => {
    const job = await started({ waitMs: 20 });
    await job.pass(20);
    await job.answer(status, undefined, { 'retry-after': '90' });
    expect(waits(job).at(-1)).toBe(90_000);
    expect(job.events.at(-1)).toMatchObject({ type: 'waiting', cause: { kind: 'status', status } });
    await job.pass(90_000);
    await job.answer(200, { status: 'Succeeded' });
    expect(job.ended).toBe('complete');
  });

  it('with a broken connection says nothing of the operation', async () => {
    const job = await started({ waitMs: 20 });
    await job.pass(20);
    job.fake.last.fail(new NetworkError('reset', 'receive'));
    await job.pass(20);
    await job.answer(200, { status: 'Succeeded' });
    expect(job.ended).toBe('complete');
  });

  it('is the error, the same object, when more fail in a row than are tolerated', async () => {
    const job = await started({ waitMs: 20, failures: 1 });
    const fail = async (): Promise<void> => {
      await job.pass(20);
      await job.answer(503);
    };
    await fail();
    await job.pass(20);
    await job.answer(200, running);
    await fail();
    expect(job.ended).toBeUndefined();
    await fail();
    expect(job.ended).toMatchObject({ kind: 'status', status: 503 });
  });

  it.each([400, 401, 403, 501])('with %i is an error at once', async (status) => {
    const job = await started({ waitMs: 20 });
    await job.pass(20);
    await job.answer(status);
    expect(job.ended).toMatchObject({ kind: 'status', status });
  });

  it('with 404 right after the start is one too early, and an error later', async () => {
    const job = await started({ waitMs: 4_000 });
    for (let poll = 0; poll < 2; poll++) {
      await job.pass(4_000);
      await job.answer(404);
    }
    expect(job.ended).toBeUndefined();
    await job.pass(4_000);
    await job.answer(404);
    expect(job.ended).toMatchObject({ kind: 'status', status: 404 });
  });

  it('with 404 is an error when the operation has been found before', async () => {
    const job = await started({ waitMs: 20 });
    await job.pass(20);
    await job.answer(200, running);
    await job.pass(20);
    await job.answer(404);
    expect(job.ended).toMatchObject({ kind: 'status', status: 404 });
  });

  it('with 410 means that the operation has expired', async () => {
    const job = await started({ waitMs: 20 });
    await job.pass(20);
    await job.answer(410);
    expect(job.ended).toMatchObject({ kind: 'operation', outcome: 'expired', cause: { status: 410 } });
  });

  it('to fetch the result is like every other, until its first value has left', async () => {
    const job = new Watched({ waitMs: 20 }, (api) => api.put('/thing'));
    await job.answer(202, undefined, MONITOR);
    await job.pass(20);
    await job.answer(200, { status: 'Succeeded' });
    await job.answer(503);
    await job.pass(20);
    expect(job.asked.slice(2)).toEqual(['GET /thing', 'GET /thing']);
    await job.answer(200, { n: 1 });
    expect(job).toMatchObject({ values: [{ n: 1 }], ended: 'complete' });
  });
});

describe('a result of many values that breaks off', () => {
  it('is not fetched again: what has left cannot be taken back', async () => {
    const job = new Watched({ waitMs: 20 }, (api) => api.put('/rows', { as: ndjson() }));
    await job.answer(202, undefined, MONITOR);
    await job.pass(20);
    await job.answer(200, { status: 'Succeeded' });
    job.fake.last.head(200).chunk('{"n":1}\n').fail(new NetworkError('reset', 'receive'));
    await job.pass(1_000);
    expect(job.values).toEqual([{ n: 1 }]);
    expect(job.ended).toMatchObject({ kind: 'network' });
    expect(job.asked).toHaveLength(3);
  });
});

describe('what polls carry along', () => {
  const auth = () => [bearer('secret')];
  const make = (api: Watched['api']) =>
    api.post('/jobs', {
      body: { a: 1 },
      headers: { 'x-team': 'blue', 'if-match': '"1"', 'accept-language': 'de', prefer: 'respond-async' },
      idempotencyKey: 'key',
    });
  const polled = async (monitor: string): Promise<Watched> => {
    const job = new Watched({ waitMs: 0 }, make, { auth: auth(), headers: { 'x-client': 'yes' } });
    await job.answer(202, undefined, { 'operation-location': monitor });
    await job.pass(0);
    return job;
  };
  const fields = (job: Watched) =>
    [
      'x-team',
      'x-client',
      'authorization',
      'accept-language',
      'if-match',
      'idempotency-key',
      'content-type',
      'prefer',
    ].filter((name) => job.sent(name) !== undefined);

  it('is the fields of the call and its credentials, but not what belongs to its body', async () => {
    expect(fields(await polled('/status'))).toEqual(['x-team', 'x-client', 'authorization', 'accept-language']);
  });

  it('is nothing that was meant for the first origin, on another one', async () => {
    const job = await polled('https://other.test/status');
    expect(job.asked[1]).toBe('GET https://other.test/status');
    expect(fields(job)).toEqual(['accept-language']);
  });

  it.each(['http://a.test/status', 'https://u:p@a.test/status', 'ftp://a.test/', 'https://'])(
    'is nothing at all to %j, which is refused',
    async (monitor) => {
      const job = await polled(monitor);
      expect(job.ended).toMatchObject({ kind: 'redirect', request: { method: 'POST' } });
      expect(job.asked).toHaveLength(1);
    },
  );

  it.each([
    ['/status', 'include'],
    ['https://other.test/status', 'omit'],
  ])('is the cookies of the call only to its own origin: to %s, %j', async (monitor, cookies) => {
    const job = new Watched({ waitMs: 0 }, (api) => api.post('/jobs', { cookies: 'include' }));
    await job.answer(202, undefined, { 'operation-location': monitor });
    await job.pass(0);
    expect(job.fake.last.request!.cookies).toBe(cookies);
  });

  it.each([
    [true, 'respond-async'],
    [2_500, 'respond-async, wait=3'],
    [false, undefined],
  ])('is no Prefer: only the call has one, with respondAsync: %j', async (respondAsync, prefer) => {
    const job = await started({ respondAsync });
    expect(job.fake.requests[0]!.request!.headers.includes('prefer')).toBe(prefer !== undefined);
    expect(job.sent('prefer')).toBe(prefer);
    await job.pass(1_000);
    expect(job.sent('prefer')).toBeUndefined();
  });

  it('adds respond-async to a Prefer of the call', () => {
    const job = new Watched({ respondAsync: true }, (api) => api.post('/x', { headers: { prefer: 'return=minimal' } }));
    expect(job.sent('prefer')).toBe('return=minimal, respond-async');
  });
});
