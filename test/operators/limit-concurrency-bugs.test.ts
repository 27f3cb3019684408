import { of, take } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { AbortError, NetworkError } from '../../lib/core/errors.js';
import { createBulkhead } from '../../lib/core/policy/bulkhead.js';
import type { BulkheadOptions } from '../../lib/core/policy/bulkhead-settings.js';
import { limitConcurrency } from '../../operators/limit-concurrency.js';
import { HandCall } from '../support/calls.js';
import { handClock } from '../support/hand-clock.js';

const lost = new NetworkError('connection reset', 'receive');

/** A bulkhead with one place, on a clock that is turned by hand. */
function trial(options: Partial<BulkheadOptions> = {}) {
  const clock = handClock();
  const bulkhead = createBulkhead({ limit: 1, maxWaiting: 100, clock, ...options });
  const call = () => new HandCall(limitConcurrency(bulkhead));
  const calls = (count: number) => Array.from({ length: count }, call);
  return { clock, bulkhead, call, calls };
}

describe('bugs of other bulkheads that this one does not have', () => {
  it('p-queue #168: to abort what runs and what waits, both, leaves a place taken for ever', () => {
    for (const order of [
      [0, 1],
      [1, 0],
    ]) {
      const { bulkhead, call, calls } = trial();
      const aborted = calls(2);
      for (const index of order) aborted[index]!.leave();
      expect(bulkhead.state).toMatchObject({ running: 0, waiting: 0 });
      expect(call().isSent).toBe(true);
    }
  });

  it('p-queue #241: a call that is aborted while it waits holds up the one behind it', () => {
    const { call, calls } = trial();
    const running = call();
    const [aborted, behind] = calls(2);
    aborted!.leave();
    running.succeed();
    expect([aborted!.isSent, behind!.isSent]).toEqual([false, true]);
  });

  it('failsafe-java #393, #400: as many calls as there are places wait too long, and all places are lost', () => {
    const { clock, bulkhead, calls } = trial({ limit: 8, queueMs: 50 });
    const running = calls(8);
    const waiting = calls(8);
    clock.pass(50);
    expect(waiting.every(({ told }) => (told[0] as { which?: string }).which === 'queue')).toBe(true);
    for (const one of running) one.succeed();
    expect(bulkhead.state).toMatchObject({ running: 0, waiting: 0 });
    expect(calls(9).filter(({ isSent }) => isSent).length).toBe(8);
  });

  it('resilience4j #263, #1569: a place is given back twice, so that more run than may', () => {
    for (const end of ['succeed', 'fail', 'leave'] as const) {
      const { bulkhead, call, calls } = trial();
      const first = call();
      if (end === 'succeed') first.succeed();
      else if (end === 'fail') first.fail(lost);
      first.leave();
      first.fail(new AbortError('again'));
      expect([end, calls(3).map(({ isSent }) => isSent)]).toEqual([end, [true, false, false]]);
      expect(bulkhead.state.running).toBe(1);
    }
  });

  it('resilience4j #332: a subscriber that leaves after the first value keeps the place', () => {
    const { bulkhead } = trial();
    for (let n = 0; n < 100; n++) of(1, 2, 3).pipe(limitConcurrency(bulkhead), take(1)).subscribe();
    expect(bulkhead.state).toMatchObject({ running: 0, started: 100, rejected: 0 });
  });

  it('nestjs-resilience, resilience4j #1592: a place is taken, or waited for, when the call is put together', () => {
    const { bulkhead } = trial();
    const assembled = Array.from({ length: 100 }, () => of(1).pipe(limitConcurrency(bulkhead)));
    expect(bulkhead.state).toMatchObject({ running: 0, waiting: 0 });
    for (const call$ of assembled) call$.subscribe();
    expect(bulkhead.state).toMatchObject({ running: 0, started: 100 });
  });

  it('failsafe-java #365: the third of three calls in a row is never made', () => {
    const { calls } = trial();
    const [first, second, third] = calls(3);
    first!.succeed();
    second!.succeed();
    third!.succeed();
    expect(third!.told).toEqual(['value', 'complete']);
  });

  it('rxjs #6036, opossum #450: how many may run at once cannot change while calls run', () => {
    const { bulkhead, calls } = trial();
    const waiting = calls(5);
    bulkhead.configure({ limit: 3 });
    expect(waiting.map(({ isSent }) => isSent)).toEqual([true, true, true, false, false]);
    bulkhead.configure({ limit: 1 });
    waiting[0]!.succeed();
    waiting[1]!.succeed();
    expect(waiting[3]!.isSent).toBe(false);
    waiting[2]!.succeed();
    expect(waiting[3]!.isSent).toBe(true);
  });

  it('Polly #1578, #1867: new settings throw away what is known, or break the calls that run', () => {
    const { bulkhead, calls } = trial({ limit: 2 });
    const [one, two, three] = calls(3);
    bulkhead.configure({ queueMs: 10_000, maxWaiting: 5 });
    expect(bulkhead.state).toMatchObject({ running: 2, waiting: 1, started: 2 });
    one!.succeed();
    two!.succeed();
    three!.succeed();
    for (const call of [one, two, three]) expect(call!.told).toEqual(['value', 'complete']);
    expect(bulkhead.state).toMatchObject({ running: 0, waiting: 0, started: 3 });
  });
});
