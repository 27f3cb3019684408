import { describe, expect, it, vi } from 'vitest';

import { fromAsync } from '../../lib/core/from-async.js';
import { probe, quiet } from '../../lib/testing/flow-probe.js';
import { obeysTheFlowRules } from '../../lib/testing/flow-rules.js';
import { gc } from '../support/gc.js';

describe('fromAsync', () => {
  const failing = (error: unknown) =>
    fromAsync(async () => {
      throw error;
    });
  obeysTheFlowRules(() => fromAsync(async () => 1), { it, expect, gc, failing, most: 1 });

  it('runs the function once per subscription, at its first request', async () => {
    const start = vi.fn<() => Promise<string>>(async () => 'answer');
    const flow = fromAsync(start);
    const [idle, one, other] = [probe(flow), probe(flow, 1), probe(flow, 2)];
    await one.ended();
    await other.ended();
    expect([idle.values, one.values, other.values, start.mock.calls.length]).toEqual([[], ['answer'], ['answer'], 2]);
  });

  it('aborts the signal when it is cancelled, and drops what comes later', async () => {
    const reasons: unknown[] = [];
    let answer: (value: number) => void = () => undefined;
    const flow = fromAsync<number>((signal) => {
      signal.addEventListener('abort', () => reasons.push(signal.reason.name));
      return new Promise((resolve) => (answer = resolve));
    });
    const one = probe(flow, 1);
    one.cancel();
    answer(1);
    await quiet();
    expect([reasons, one.calls]).toEqual([['AbortError'], ['onSubscribe']]);
  });

  it('lets nobody hear of a rejection that comes after cancel', async () => {
    let refuse: (error: unknown) => void = () => undefined;
    const one = probe(
      fromAsync(() => new Promise((_, reject) => (refuse = reject))),
      1,
    );
    one.cancel();
    refuse(new Error('late'));
    await quiet();
    expect(one.calls).toEqual(['onSubscribe']);
  });

  it.each([
    ['resolves', async () => 1],
    ['rejects', () => Promise.reject(new Error('lost'))],
  ])('leaves the signal alone when the promise %s', async (_, work) => {
    let aborted: unknown;
    const one = probe(
      fromAsync((signal) => {
        signal.addEventListener('abort', () => (aborted = true));
        return work();
      }),
      1,
    );
    await one.ended();
    one.cancel();
    expect(aborted).toBeUndefined();
  });

  it('fails with what the function throws, the same object', () => {
    const lost = { not: 'even an Error' };
    const one = probe(
      fromAsync(() => {
        throw lost;
      }),
      1,
    );
    expect(one.error).toBe(lost);
  });

  it('fails when the promise rejects with nothing at all', async () => {
    const one = probe(
      fromAsync(() => Promise.reject()),
      1,
    );
    await one.ended();
    expect([one.ending, one.error]).toEqual(['error', undefined]);
  });

  it('takes any thenable, also one that answers at once', async () => {
    // oxlint-disable-next-line unicorn/no-thenable -- it is what the test is about
    const thenable = Object.create(null, { then: { value: (resolve: (value: string) => void) => resolve('now') } });
    const one = probe(
      fromAsync(() => thenable),
      1,
    );
    await one.ended();
    expect([one.values, one.ending]).toEqual([['now'], 'complete']);
  });

  it('sends undefined and null as values', async () => {
    const one = probe(
      fromAsync(async () => undefined),
      1,
    );
    await one.ended();
    expect(one.calls).toEqual(['onSubscribe', 'onNext', 'onComplete']);
  });
});
