import { BehaviorSubject, EMPTY, NEVER, type Observable, Subject, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';

import type { OperationState, OperationVerdict } from '../../lib/stream/operation-types.js';
import { Watched } from '../support/operation.js';

const MONITOR = { 'operation-location': '/status', location: '/result' };
const started = async (options: ConstructorParameters<typeof Watched>[0] = {}, headers = {}): Promise<Watched> => {
  const job = new Watched(options);
  await job.answer(202, { status: 'Queued' }, { ...MONITOR, 'retry-after': '5', ...headers });
  return job;
};

describe('push', () => {
  const pushed = async (): Promise<{ job: Watched; push: Subject<OperationVerdict>; told: OperationState[] }> => {
    const push = new Subject<OperationVerdict>();
    const told: OperationState[] = [];
    const job = await started({ push: (state) => (told.push(state), push) });
    return { job, push, told };
  };

  it.each([
    [{ state: 'succeeded', result: { rows: 3 } }, ['POST /jobs']],
    [{ state: 'succeeded', resultUrl: '/made/7' }, ['POST /jobs', 'GET /made/7']],
  ] as const)('that brings %j ends the operation before a poll does', async (verdict, asked) => {
    const { job, push, told } = await pushed();
    expect(told).toMatchObject([{ monitor: 'https://a.test/status' }]);
    push.next(verdict);
    await job.pass(0);
    if (asked.length > 1) await job.answer(200, { rows: 3 });
    expect(job).toMatchObject({ values: [{ rows: 3 }], ended: 'complete', asked });
    expect(push.observed).toBe(false);
    expect(job.clock.pending).toBe(0);
  });

  it('that brings a failure fails the operation, also while a poll runs', async () => {
    const { job, push } = await pushed();
    await job.pass(5_000);
    push.next({ state: 'failed', detail: { message: 'disk full' } });
    expect(job.ended).toMatchObject({ kind: 'operation', outcome: 'failed', detail: { message: 'disk full' } });
    expect(job.fake.last.aborted).toBe(true);
  });

  it.each([{ state: 'running' }, { state: 'succeeded' }] as const)(
    'that brings only %j is answered by a poll at once',
    async (verdict) => {
      const { job, push } = await pushed();
      push.next(verdict);
      await job.pass(0);
      expect(job.asked.at(-1)).toBe('GET /status');
      push.next(verdict);
      await job.answer(200, { status: 'Running' }, { 'retry-after': '60' });
      await job.pass(0);
      expect(job.asked).toHaveLength(3);
      await job.answer(200, { status: 'Running' }, { 'retry-after': '60' });
      await job.pass(0);
      expect(job.asked).toHaveLength(3);
    },
  );

  it('has no say in when a server in trouble is asked again', async () => {
    const { job, push } = await pushed();
    await job.pass(5_000);
    await job.answer(503, undefined, { 'retry-after': '60' });
    push.next({ state: 'running' });
    await job.pass(59_999);
    expect(job.asked).toHaveLength(2);
    await job.pass(1);
    expect(job.asked).toHaveLength(3);
  });

  it.each([
    ['fails', throwError(() => 'gone'), ['started', 'lost', 'waiting']],
    ['completes', EMPTY, ['started', 'waiting']],
    ['never speaks', NEVER, ['started', 'waiting']],
  ])('that %s leaves the operation to the polls', async (_, push, types) => {
    const job = await started({ push: () => push as Observable<OperationVerdict> });
    expect(job.events.map(({ type }) => type)).toEqual(types);
    await job.pass(5_000);
    await job.answer(200, { status: 'Succeeded' });
    await job.answer(200, 1);
    expect(job).toMatchObject({ values: [1], ended: 'complete' });
  });

  it('is left when a poll ends the operation first', async () => {
    const { job, push } = await pushed();
    await job.pass(5_000);
    await job.answer(200, { status: 'Failed' });
    expect(job.ended).toMatchObject({ outcome: 'failed' });
    expect(push.observed).toBe(false);
  });

  it('is left when the work is done, before the result is there', async () => {
    const { job, push } = await pushed();
    await job.pass(5_000);
    await job.answer(200, { status: 'Succeeded' });
    expect(job).toMatchObject({ ended: undefined, asked: ['POST /jobs', 'GET /status', 'GET /result'] });
    expect(push.observed).toBe(false);
  });

  it('is left when it knew before it was asked', async () => {
    const push = new BehaviorSubject<OperationVerdict>({ state: 'canceled' });
    const job = await started({ push: () => push });
    expect(job.ended).toMatchObject({ outcome: 'canceled' });
    expect(push.observed).toBe(false);
  });

  it('may have known before it was asked', async () => {
    const job = await started({ push: () => [{ state: 'succeeded', result: 7 }, { state: 'failed' }] });
    expect(job).toMatchObject({ values: [7], ended: 'complete', asked: ['POST /jobs'] });
  });
});
