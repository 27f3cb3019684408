import { getEventListeners } from 'node:events';

import { describe, expect, it } from 'vitest';

import { isProgress } from '../../lib/core/progress.js';
import type { LongRunningOptions } from '../../lib/stream/operation-settings.js';
import type { OperationState } from '../../lib/stream/operation-types.js';
import { Watched } from '../support/operation.js';

const MONITOR = { 'operation-location': '/status', location: '/result' };
const started = async (options: ConstructorParameters<typeof Watched>[0] = {}, headers = {}): Promise<Watched> => {
  const job = new Watched(options);
  await job.answer(202, { status: 'Queued' }, { ...MONITOR, 'retry-after': '5', ...headers });
  return job;
};

describe('the events of an operation', () => {
  it('tell of its start, its waits, each poll and its result', async () => {
    const job = await started();
    await job.pass(5_000);
    await job.answer(200, { status: 'Running', percent: 50 }, { 'retry-after': '2' });
    await job.pass(2_000);
    await job.answer(200, { status: 'Succeeded' });
    await job.answer(200, { rows: 3 });
    expect(job.events.map(({ type, attempt, sinceMs }) => [type, attempt, sinceMs - 1_000_000])).toEqual([
      ['started', 0, 0],
      ['waiting', 0, 0],
      ['running', 1, 5_000],
      ['waiting', 1, 5_000],
      ['succeeded', 2, 7_000],
    ]);
    expect(job.events[0]).toMatchObject({ state: 'Queued', body: { status: 'Queued' } });
    expect(job.events[1]).toMatchObject({ delayMs: 5_000, cause: undefined });
    expect(job.events[2]).toMatchObject({ state: 'Running', body: { status: 'Running', percent: 50 } });
    expect(job.events.every(isProgress)).toBe(true);
    expect(job.values).toEqual([{ rows: 3 }]);
  });

  it.each([1, 2, 3, 4, 5])('are the last thing that happens when the subscriber leaves at number %i', async (most) => {
    const job = new Watched({}, undefined, {}, most);
    await job.answer(202, undefined, { ...MONITOR, 'retry-after': '5' });
    for (const state of ['Running', 'Succeeded']) {
      await job.pass(5_000);
      if (job.ended === undefined) await job.answer(200, { status: state }, { 'retry-after': '5' });
    }
    const asked = job.asked.length;
    expect(job).toMatchObject({ ended: 'complete', clock: { pending: 0 } });
    await job.pass(60_000);
    expect(job.events).toHaveLength(most);
    expect(job.asked).toHaveLength(asked);
  });
});

describe('an operation that is kept and gone on with', () => {
  const resumed = (from: OperationState, options: LongRunningOptions = {}): Watched =>
    new Watched({ ...options, from: JSON.parse(JSON.stringify(from)) as OperationState });

  it('is asked after where it was left, when the server allowed it, without the call', async () => {
    const first = await started();
    await first.pass(5_000);
    await first.answer(200, { status: 'Running' }, { 'retry-after': '60', 'operation-location': '/status/2' });
    const state = first.operation.serialize();
    first.leave();
    expect(state).toEqual({
      version: 1,
      mode: 'status',
      url: 'https://a.test/jobs',
      monitor: 'https://a.test/status/2',
      location: 'https://a.test/result',
      polls: 1,
      startedMs: 1_000_000,
      askAtMs: 1_065_000,
    });
    const second = resumed(state);
    expect(second.events).toMatchObject([
      { type: 'started', attempt: 1 },
      { type: 'waiting', delayMs: 65_000 },
    ]);
    expect(second.asked).toEqual([]);
    await second.pass(65_000);
    await second.answer(200, { status: 'Succeeded' });
    await second.answer(200, { rows: 3 });
    expect(second).toMatchObject({ values: [{ rows: 3 }], ended: 'complete' });
    expect(second.asked).toEqual(['GET /status/2', 'GET /result']);
  });

  it('fetches only the result when the work was done', async () => {
    const first = await started();
    await first.pass(5_000);
    await first.answer(200, { status: 'Succeeded' });
    await first.answer(503, undefined, { 'retry-after': '10' });
    const second = resumed(first.operation.serialize());
    await second.pass(15_000);
    expect(second.asked).toEqual(['GET /result']);
  });

  it('needs its reader again where it had one', async () => {
    const mode = () => ({ state: 'running' }) as const;
    const job = await started({ mode });
    const state = job.operation.serialize();
    expect(state.mode).toBe('custom');
    expect(() => resumed(state)).toThrowError(expect.objectContaining({ field: 'longRunning.mode' }));
    expect(resumed(state, { mode }).events).toHaveLength(2);
  });

  it.each([
    ['longRunning.from', null],
    ['longRunning.from', {}],
    ['longRunning.from', { version: 2 }],
    ['longRunning.from.url', { url: '/jobs' }],
    ['longRunning.from.monitor', { monitor: 'javascript:alert(1)' }],
    ['longRunning.from.resultUrl', { resultUrl: 7 }],
    ['longRunning.from.polls', { polls: '1' }],
    ['longRunning.from.askAtMs', { askAtMs: null }],
    ['longRunning.from.mode', { mode: 'other' }],
  ])('is refused, with %s, when it is changed to %j', async (field, change) => {
    const state = (await started()).operation.serialize();
    const from = (
      change && 'version' in change
        ? change
        : change && Object.keys(change).length > 0
          ? { ...state, ...change }
          : change
    ) as never;
    expect(() => new Watched({ from })).toThrowError(expect.objectContaining({ kind: 'config', field }));
  });

  it('asks nobody else than the call would: a monitor on another origin gets no fields of the call', async () => {
    const state = (await started()).operation.serialize();
    const job = new Watched({ from: { ...state, monitor: 'https://evil.test/' } }, (api) =>
      api.post('/jobs', { headers: { 'x-key': 'secret' } }),
    );
    await job.pass(5_000);
    expect(job.asked).toEqual(['GET https://evil.test/']);
    expect(job.sent('x-key')).toBeUndefined();
  });
});

describe('leaving and cancelling', () => {
  it('leaving asks nothing any more, and does not cancel', async () => {
    const job = await started((api) => ({ cancel: ({ monitor }) => api.delete(monitor) }));
    job.leave();
    await job.pass(60_000);
    expect(job.asked).toEqual(['POST /jobs']);
    expect(job.clock.pending).toBe(0);
  });

  it('leaving aborts the poll that runs', async () => {
    const job = await started();
    await job.pass(5_000);
    job.leave();
    expect(job.fake.last.aborted).toBe(true);
    expect(job.clock.pending).toBe(0);
  });

  it('cancel() has an outcome of its own, and the operation is asked after at once', async () => {
    const job = await started((api) => ({ cancel: ({ monitor }) => api.delete(monitor) }));
    const cancel$ = job.operation.cancel();
    expect(job.asked).toHaveLength(1);
    const told: unknown[] = [];
    cancel$.subscribe({ next: (value) => told.push(value), complete: () => told.push('complete') });
    await job.answer(200, { accepted: true });
    expect(told).toEqual([{ accepted: true }, 'complete']);
    expect(job.asked).toEqual(['POST /jobs', 'DELETE /status', 'GET /status']);
    await job.answer(200, { status: 'Canceled' });
    expect(job.ended).toMatchObject({ kind: 'operation', outcome: 'canceled' });
  });

  it('a cancel() that fails leaves the operation alone', async () => {
    const job = await started((api) => ({ cancel: ({ monitor }) => api.delete(monitor) }));
    const told: unknown[] = [];
    job.operation.cancel().subscribe({ error: (error: unknown) => told.push(error) });
    await job.answer(409);
    expect(told).toEqual([expect.objectContaining({ kind: 'status', status: 409 })]);
    expect(job.ended).toBeUndefined();
    await job.pass(5_000);
    expect(job.asked.at(-1)).toBe('GET /status');
  });

  it('cancel() asks how, where nothing says it', async () => {
    const told: unknown[] = [];
    (await started()).operation.cancel().subscribe({ error: (error: unknown) => told.push(error) });
    expect(told).toEqual([expect.objectContaining({ kind: 'config', field: 'longRunning.cancel' })]);
  });

  it("the caller's signal cuts the wait", async () => {
    const controller = new AbortController();
    const job = new Watched({}, (api) => api.post('/jobs', { signal: controller.signal }));
    await job.answer(202, undefined, { ...MONITOR, 'retry-after': '5' });
    controller.abort('enough');
    expect(job.ended).toMatchObject({ kind: 'abort', reason: 'enough', request: { method: 'POST' } });
    expect(job.clock.pending).toBe(0);
  });
});

describe("the caller's signal", () => {
  it('that has fired before lets nothing be asked', () => {
    const job = new Watched({}, (api) => api.post('/jobs', { signal: AbortSignal.abort('before') }));
    expect(job.ended).toMatchObject({ kind: 'abort', reason: 'before' });
    expect(job.asked).toEqual([]);
  });

  it('is listened to while the operation is watched, and no longer', async () => {
    const { signal } = new AbortController();
    const listening = (): number => getEventListeners(signal, 'abort').length;
    const job = new Watched({}, (api) => api.post('/jobs', { signal }));
    await job.answer(202, undefined, { ...MONITOR, 'retry-after': '5' });
    expect(listening()).toBe(1);
    job.leave();
    expect(listening()).toBe(0);
  });
});
