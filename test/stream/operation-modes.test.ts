import { describe, expect, it } from 'vitest';
import { z } from 'zod';

import { json } from '../../lib/codec/json.js';
import { text } from '../../lib/codec/text.js';
import { Watched } from '../support/operation.js';

const at = (headers: Record<string, string>): Record<string, string> => ({ 'retry-after': '0', ...headers });
const protocol = (message: string) =>
  expect.objectContaining({ kind: 'protocol', message: expect.stringContaining(message) as string }) as object;

describe('an operation that takes its time', () => {
  it.each(['operation-location', 'azure-asyncoperation'])(
    'is asked after at %s, and its result by the verb',
    async (name) => {
      const job = new Watched();
      await job.answer(202, undefined, at({ [name]: '/status/1', location: '/result/1' }));
      await job.pass(0);
      await job.answer(200, { status: 'Running', percent: 50 }, at({}));
      await job.pass(0);
      await job.answer(200, { status: 'Succeeded' });
      await job.answer(200, { rows: 3 });
      expect(job).toMatchObject({ values: [{ rows: 3 }], ended: 'complete' });
      expect(job.asked).toEqual(['POST /jobs', 'GET /status/1', 'GET /status/1', 'GET /result/1']);
    },
  );

  it('is asked after at its Location, which may change with each answer', async () => {
    const job = new Watched({}, (api) => api.post('/a/b/jobs'));
    await job.answer(202, undefined, at({ location: 'status/1' }));
    await job.pass(0);
    await job.answer(202, 'not yet', at({ location: '../2' }));
    await job.pass(0);
    await job.answer(202, undefined, at({}));
    await job.pass(0);
    await job.answer(200, [1, 2]);
    expect(job).toMatchObject({ values: [[1, 2]], ended: 'complete' });
    expect(job.asked.slice(1)).toEqual(['GET /a/b/status/1', 'GET /a/b/2', 'GET /a/b/2']);
  });

  it('is asked for again at the same URL, with the same fields, when a GET is answered 202', async () => {
    const job = new Watched({}, (api) => api.get('/stats?year=1', { headers: { 'x-team': 'blue' } }));
    await job.answer(202, {}, at({}));
    await job.pass(0);
    expect(job.sent('x-team')).toBe('blue');
    await job.answer(200, { weeks: 52 });
    expect(job).toMatchObject({ values: [{ weeks: 52 }], ended: 'complete' });
    expect(job.asked).toEqual(['GET /stats?year=1', 'GET /stats?year=1']);
  });

  it('is over at once when the first answer is the result', async () => {
    const job = new Watched();
    await job.answer(200, { rows: 3 });
    expect(job).toMatchObject({ values: [{ rows: 3 }], ended: 'complete', events: [] });
  });

  it('fails when nothing says where to ask', async () => {
    const job = new Watched();
    await job.answer(202, { id: 7 });
    expect(job.ended).toEqual(protocol('202 and neither Operation-Location nor Location'));
  });

  it('is asked after where `monitor` says', async () => {
    const monitor = ({ body }: { body: unknown }) => `/jobs/${(body as { id: number }).id}`;
    const job = new Watched({ monitor });
    await job.answer(202, { id: 7 }, at({}));
    await job.pass(0);
    await job.answer(200, { state: 'completed', rows: 3 });
    expect(job).toMatchObject({ values: [{ state: 'completed', rows: 3 }], ended: 'complete' });
    expect(job.asked[1]).toBe('GET /jobs/7');
  });

  it('is read by a function where no mode fits', async () => {
    const polls: number[] = [];
    const job = new Watched({
      mode: ({ body }, poll) => {
        polls.push(poll);
        const { left, at: resultUrl } = body as { left: number; at: string };
        return left > 0 ? { state: 'running', monitor: `/left/${left}` } : { state: 'succeeded', resultUrl };
      },
    });
    await job.answer(200, { left: 1 }, at({}));
    await job.pass(0);
    await job.answer(200, { left: 0, at: '/there' });
    await job.answer(200, 'text');
    expect(job.asked).toEqual(['POST /jobs', 'GET /left/1', 'GET /there']);
    expect(polls).toEqual([0, 1]);
  });

  it.each([{ done: true }, undefined])('says that a reader has to return a state, not %j', async (verdict) => {
    const job = new Watched({ mode: (() => verdict) as never });
    await job.answer(200);
    expect(job.ended).toMatchObject({ kind: 'config', field: 'longRunning.mode' });
  });
});

describe('an operation of AIP-151', () => {
  it('is found by its name below baseUrl, and its response is the result', async () => {
    const schema = z.object({ rows: z.number() });
    const job = new Watched({}, (api) => api.post('/reports:make', { as: json(schema) }), {
      baseUrl: 'https://a.test/v1',
    });
    await job.answer(200, { name: 'operations/1', done: false }, at({}));
    await job.pass(0);
    await job.answer(200, { name: 'operations/1', done: true, response: { rows: 3 } });
    expect(job).toMatchObject({ values: [{ rows: 3 }], ended: 'complete' });
    expect(job.asked).toEqual(['POST /v1/reports:make', 'GET /v1/operations/1']);
  });

  it.each([
    [{ code: 13, message: 'disk full' }, 'failed', 'the operation failed: disk full'],
    [{ code: 1, message: 'by Ada' }, 'canceled', 'the operation was canceled: by Ada'],
  ])('that is done with the error %j has %s', async (detail, outcome, message) => {
    const job = new Watched();
    await job.answer(200, { name: 'operations/1', done: true, error: detail });
    const told = { kind: 'operation', outcome, detail, retryable: false };
    expect(job.ended).toMatchObject({ ...told, message: expect.stringContaining(message) as string });
  });

  it('must say whether it is done', async () => {
    const job = new Watched();
    await job.answer(200, { name: 'operations/1', done: false }, at({}));
    await job.pass(0);
    await job.answer(200, { done: 'yes' });
    expect(job.ended).toEqual(protocol('does not say `done`'));
  });

  it('needs a baseUrl, or `monitor`', async () => {
    const job = new Watched({}, (api) => api.extend({ absolute: 'allow' }).post('https://a.test/x'), {
      baseUrl: 'https://a.test/v1',
    });
    await job.answer(200, { name: '../admin', done: false });
    expect(job.ended).toMatchObject({ kind: 'config', field: 'path' });
    const named = new Watched({ monitor: ({ body }) => `/v2/${(body as { name: string }).name}` });
    await named.answer(200, { name: 'op', done: false }, at({}));
    await named.pass(0);
    expect(named.asked[1]).toBe('GET /v2/op');
  });
});

describe('the state of an operation', () => {
  const monitored = async (options: ConstructorParameters<typeof Watched>[0], body: unknown): Promise<Watched> => {
    const job = new Watched(options);
    await job.answer(202, undefined, at({ 'operation-location': '/status' }));
    await job.pass(0);
    await job.answer(200, body, at({}));
    return job;
  };

  it.each(['Succeeded', 'succeeded', ' COMPLETED '])('is over with %j', async (status) => {
    expect((await monitored({}, { status })).ended).toBe('complete');
  });

  it.each(['Unsucceeded', 'Succeeded with warnings', 'NotFailed', 'done', ''])(
    'goes on with %j: words are compared whole',
    async (status) => {
      const job = await monitored({}, { status });
      expect(job.ended).toBeUndefined();
      expect(job.events.at(-2)).toMatchObject({ type: 'running', state: status });
    },
  );

  it.each([
    ['Failed', 'failed'],
    ['ERROR', 'failed'],
    ['Canceled', 'canceled'],
    ['cancelled', 'canceled'],
  ])('%j is the outcome %s', async (status, outcome) => {
    const body = { status, error: { message: 'why' } };
    expect((await monitored({}, body)).ended).toMatchObject({ kind: 'operation', outcome, state: status, body });
  });

  it('has the words that the caller gives, list by list', async () => {
    const options = { words: { succeeded: ['Ready'], failed: ['Broken'] } };
    expect((await monitored(options, { status: 'ready' })).ended).toBe('complete');
    expect((await monitored(options, { status: 'broken' })).ended).toMatchObject({ outcome: 'failed' });
    expect((await monitored(options, { status: 'canceled' })).ended).toMatchObject({ outcome: 'canceled' });
    expect((await monitored(options, { status: 'succeeded' })).ended).toBeUndefined();
  });

  it('is where `stateOf` says', async () => {
    const stateOf = (body: unknown) => (body as { job: { phase: string } }).job.phase;
    expect((await monitored({ stateOf }, { job: { phase: 'Completed' } })).ended).toBe('complete');
  });

  it.each([
    ['is missing', {}, 'has no state'],
    ['is no text', { status: 3 }, 'a state that is not a text'],
  ])('is a broken protocol when it %s', async (_, body, message) => {
    expect((await monitored({}, body)).ended).toEqual(protocol(message));
  });

  it('is not one of a polluted prototype', async () => {
    const polluted = Object.prototype as { status?: string };
    polluted.status = 'Succeeded';
    const job = await monitored({}, {}).finally(() => delete polluted.status);
    expect(job.ended).toEqual(protocol('has no state'));
  });

  it('is a failure in a body at a Location too', async () => {
    const job = new Watched({}, (api) => api.delete('/things/1'));
    await job.answer(202, undefined, at({ location: '/status' }));
    await job.pass(0);
    await job.answer(200, { properties: { provisioningState: 'Failed' } });
    expect(job.ended).toMatchObject({ kind: 'operation', outcome: 'failed' });
  });

  it('is not needed where a monitor leads to the result (303)', async () => {
    const job = new Watched();
    await job.answer(202, undefined, at({ 'operation-location': '/status' }));
    await job.pass(0);
    await job.answer(303, undefined, { location: '/result' });
    await job.answer(200, { rows: 3 });
    expect(job).toMatchObject({ values: [{ rows: 3 }], ended: 'complete' });
  });
});

describe('the result', () => {
  const both = at({ 'operation-location': '/status', location: '/result' });
  const done = async (
    options: ConstructorParameters<typeof Watched>[0],
    method: string,
    body: object,
    headers = both,
  ) => {
    const job = new Watched(options, (api) => api.request(method, '/things/1'));
    await job.answer(202, undefined, headers);
    await job.pass(0);
    await job.answer(200, { status: 'Succeeded', ...body });
    return job;
  };

  it.each([
    ['PUT', both, 'GET /things/1'],
    ['PATCH', both, 'GET /result'],
    ['PATCH', at({ 'operation-location': '/status' }), 'GET /things/1'],
    ['POST', both, 'GET /result'],
  ])('of %s with %j is at %s', async (method, headers, asked) => {
    const job = await done({}, method, {}, headers);
    expect(job.asked[2]).toBe(asked);
  });

  it.each([
    ['POST', at({ 'operation-location': '/status' }), [{ status: 'Succeeded' }]],
    ['DELETE', both, [undefined]],
  ])('of %s with %j needs no further request', async (method, headers, values) => {
    const job = await done({}, method, {}, headers);
    expect(job).toMatchObject({ values, ended: 'complete' });
    expect(job.asked).toHaveLength(2);
  });

  it('is at the resourceLocation of the last answer', async () => {
    expect((await done({}, 'PUT', { resourceLocation: '/made/7' })).asked[2]).toBe('GET /made/7');
  });

  it.each([
    ['location', 'GET /result'],
    ['original', 'GET /things/1'],
  ] as const)('is where `result: %j` says', async (result, asked) => {
    expect((await done({ result }, 'DELETE', {})).asked[2]).toBe(asked);
  });

  it('is the last answer, or a part of it, where `result` says so', async () => {
    expect((await done({ result: 'monitor' }, 'PUT', { n: 1 })).values).toEqual([{ status: 'Succeeded', n: 1 }]);
    const result = (body: unknown) => (body as { n: number }).n;
    expect((await done({ result }, 'PUT', { n: 1 })).values).toEqual([1]);
  });

  it('fails when it is to be at a Location, and there was none', async () => {
    const job = await done({ result: 'location' }, 'POST', {}, at({ 'operation-location': '/status' }));
    expect(job.ended).toEqual(protocol('no Location'));
  });

  it('is read by the decoder of the call, also where it came with a poll', async () => {
    const job = new Watched({}, (api) => api.post('/csv', { as: text() }));
    await job.answer(202, undefined, at({ location: '/status' }));
    await job.pass(0);
    expect(job.sent('accept')).toBe('text/*, */*;q=0.1');
    await job.answer(200, 'a,b');
    expect(job.values).toEqual(['a,b']);
  });

  it('that the schema refuses fails with the request it belongs to', async () => {
    const job = new Watched({}, (api) => api.post('/x', { as: z.object({ rows: z.number() }) }));
    await job.answer(200, { rows: 'three' });
    expect(job.ended).toMatchObject({ kind: 'schema', request: { method: 'POST', url: 'https://a.test/x' } });
  });
});
