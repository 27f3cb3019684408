import { BehaviorSubject } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { NetworkError } from '../../../lib/core/errors.js';
import { createBulkhead } from '../../../lib/core/policy/bulkhead.js';
import type { BulkheadOptions } from '../../../lib/core/policy/bulkhead-settings.js';
import { limitConcurrency } from '../../../operators/limit-concurrency.js';
import { HandCall } from '../../support/calls.js';
import { handClock } from '../../support/hand-clock.js';

const lost = new NetworkError('connection reset', 'receive');

function bulkhead(options: BulkheadOptions) {
  const clock = handClock();
  const shared = createBulkhead({ clock, ...options });
  const call = () => new HandCall(limitConcurrency(shared));
  const calls = (count: number) => Array.from({ length: count }, call);
  const sent = (all: readonly HandCall[]) => all.filter(({ isSent }) => isSent).length;
  const why = ({ told }: HandCall) => (told[0] as { why?: string; which?: string } | undefined) ?? {};
  return { clock, shared, call, calls, sent, why };
}

// Netflix concurrency-limits, LifoBlockingLimiterTest: 4 at once, 10 may wait, a second at most.
describe('vectors of the LifoBlockingLimiter of Netflix for limitConcurrency', () => {
  const lifo = { limit: 4, maxWaiting: 10, queueMs: 1_000 };

  it('blockWhenFullAndTimeout', () => {
    const { clock, calls, call, sent, why } = bulkhead(lifo);
    expect(sent(calls(4))).toBe(4);
    const fifth = call();
    clock.pass(999);
    expect(fifth.told).toEqual([]);
    clock.pass(1);
    expect(why(fifth)).toMatchObject({ which: 'queue', limitMs: 1_000 });
  });

  it('unblockWhenFullBeforeTimeout', () => {
    const { clock, calls, call } = bulkhead(lifo);
    const [first] = calls(4);
    const fifth = call();
    clock.pass(250);
    expect(fifth.isSent).toBe(false);
    first!.succeed();
    expect(fifth.isSent).toBe(true);
  });

  it('rejectWhenBacklogSizeReached', () => {
    const { calls, call, why } = bulkhead(lifo);
    calls(14);
    expect(why(call())).toMatchObject({ why: 'queue-full' });
  });

  it('rejectWhenBacklogSizeReached, a quarter of a second later: not the newest, but the one that waits longest', () => {
    const { clock, calls, call, why } = bulkhead(lifo);
    const waiting = calls(14).slice(4);
    clock.pass(250);
    const newest = call();
    expect([newest.told, why(waiting[0]!).why]).toEqual([[], 'queue-full']);
  });

  it.each([
    ['adaptWhenLimitIncreases', 5, 0, true],
    ['adaptWhenLimitDecreases', 3, 1, false],
  ])('%s', (_, to, ended, isSent) => {
    const limit = new BehaviorSubject(4);
    const { calls, call } = bulkhead({ ...lifo, limit });
    const running = calls(4);
    limit.next(to);
    for (const one of running.slice(0, ended)) one.succeed();
    expect(call().isSent).toBe(isSent);
  });

  // Five calls, 50 ms apart; then a place is free each 100 ms. There all are served, the newest first. Here the line stands
  // by then, so that its oldest are given up (CoDel).
  it('verifyFifoOrder', () => {
    const { clock, calls, call, why } = bulkhead(lifo);
    const running = calls(4);
    const waiting = Array.from({ length: 5 }, () => (clock.pass(50), call()));
    const order: number[] = [];
    for (const one of running) {
      clock.pass(100);
      one.succeed();
      for (const [n, next] of waiting.entries()) {
        if (next.isSent && !order.includes(n)) order.push(n);
      }
    }
    expect(order).toEqual([4, 3, 2]);
    expect(waiting.slice(0, 2).map((one) => why(one).why)).toEqual(['queue-full', 'queue-full']);
  });

  it('timeoutAcquireRaceCondition: places that come free as waits run out are not lost', () => {
    const { clock, shared, calls, call } = bulkhead({ ...lifo, maxWaiting: 1_000, queueMs: 10 });
    calls(3);
    for (let round = 0; round < 10; round++) {
      const last = call();
      const waiting = calls(10);
      clock.pass(9);
      clock.pass(1);
      last.succeed();
      for (const one of waiting) one.succeed();
      expect(shared.state).toMatchObject({ running: 3, waiting: 0 });
    }
  });
});

// Netflix concurrency-limits, SimpleLimiterTest: 10 at once, and nobody waits.
describe('vectors of the SimpleLimiter of Netflix for limitConcurrency', () => {
  it('useLimiterCapacityUntilTotalLimit, testReleaseLimit', () => {
    const { shared, calls, call, why } = bulkhead({ limit: 10, maxWaiting: 0 });
    const running = calls(10);
    expect([why(call()).why, shared.state.running]).toEqual(['queue-full', 10]);
    running[0]!.succeed();
    expect(shared.state.running).toBe(9);
    expect([call().isSent, shared.state.running]).toEqual([true, 10]);
  });
});

// cockatiel, src/BulkheadPolicy.test.ts.
describe('vectors of cockatiel for limitConcurrency', () => {
  it('rejects calls after limit is hit', () => {
    const { calls } = bulkhead({ limit: 2, maxWaiting: 0 });
    expect(calls(3).map(({ isSent }) => isSent)).toEqual([true, true, false]);
  });

  it('queues requests, and rejects after queue limit', () => {
    const { calls, why } = bulkhead({ limit: 2, maxWaiting: 2 });
    const all = calls(5);
    expect(why(all[4]!).why).toBe('queue-full');
    all[0]!.succeed();
    expect(all.map(({ isSent }) => isSent)).toEqual([true, true, true, false, false]);
    all[1]!.succeed();
    expect(all.map(({ isSent }) => isSent)).toEqual([true, true, true, true, false]);
  });

  it('maintains proper state', () => {
    const { shared, calls, call } = bulkhead({ limit: 2, maxWaiting: 2 });
    const slots = () => [2 - shared.state.waiting, 2 - shared.state.running];
    const seen = [slots()];
    const all = Array.from({ length: 4 }, () => {
      const one = call();
      seen.push(slots());
      return one;
    });
    for (const one of all) {
      one.succeed();
      seen.push(slots());
    }
    expect(seen).toEqual([
      [2, 2],
      [2, 1],
      [2, 0],
      [1, 0],
      [0, 0],
      [1, 0],
      [2, 0],
      [2, 1],
      [2, 2],
    ]);
    expect(calls(2).every(({ isSent }) => isSent)).toBe(true);
  });

  it('processes the next queued item when the previous item was aborted', () => {
    const { shared, calls } = bulkhead({ limit: 1, maxWaiting: 10 });
    const [first, aborted, third] = calls(3);
    aborted!.leave();
    first!.succeed();
    third!.succeed();
    expect([aborted!.isSent, third!.told]).toEqual([false, ['value', 'complete']]);
    expect(shared.state).toMatchObject({ running: 0, waiting: 0 });
  });
});

// failsafe-go, bulkhead/bulkhead_test.go.
describe('vectors of failsafe-go for limitConcurrency', () => {
  it('TestAcquirePermit: the third waits until one comes back after 200 ms', () => {
    const { clock, calls } = bulkhead({ limit: 2 });
    const [first, , third] = calls(3);
    clock.pass(200);
    expect(third!.isSent).toBe(false);
    first!.succeed();
    expect(third!.isSent).toBe(true);
  });

  it('TestAcquirePermitWithMaxWaitTime: the second gives up after 100 ms', () => {
    const { clock, calls, why } = bulkhead({ limit: 1, queueMs: 100 });
    const [, second] = calls(2);
    clock.pass(100);
    expect(why(second!)).toMatchObject({ which: 'queue', limitMs: 100 });
  });

  it('TestTryAcquirePermitAndReleasePermit', () => {
    const { calls, sent } = bulkhead({ limit: 2, maxWaiting: 0 });
    const held = calls(3).filter(({ isSent }) => isSent);
    expect(held.length).toBe(2);
    for (const released of [1, 2]) {
      for (const one of held.splice(0, released)) one.succeed();
      const again = calls(released + 1);
      expect(sent(again)).toBe(released);
      held.push(...again.filter(({ isSent }) => isSent));
    }
  });
});

// p-limit, test.js, and p-queue, test/basic.ts: no bound on how long or how many wait, in the order of their coming.
describe('vectors of p-limit and p-queue for limitConcurrency', () => {
  const unbounded = { maxWaiting: Infinity, queueMs: Infinity };

  it('concurrency: 1, of 300, 200 and 100 ms: 600 ms, in order', () => {
    const { clock, calls } = bulkhead({ limit: 1, ...unbounded });
    const startMs = clock.now();
    const all = calls(3);
    const ended = [300, 200, 100].map((ms, n) => {
      clock.pass(ms);
      all[n]!.succeed();
      return [all[n]!.told, clock.now() - startMs];
    });
    const done = ['value', 'complete'];
    expect(ended).toEqual([
      [done, 300],
      [done, 500],
      [done, 600],
    ]);
  });

  it('concurrency: 5, of a hundred', () => {
    const { shared, calls } = bulkhead({ limit: 5, ...unbounded });
    const all = calls(100);
    for (const one of all) {
      expect(shared.state.running).toBeLessThanOrEqual(5);
      one.succeed();
    }
    expect(shared.state).toMatchObject({ started: 100, running: 0, waiting: 0 });
  });

  it('continues after a failure, and does not ignore it', () => {
    const { calls } = bulkhead({ limit: 1, ...unbounded });
    const [first, second] = calls(2);
    first!.fail(lost);
    expect([first!.told, second!.isSent]).toEqual([[lost], true]);
  });

  it('activeCount and pendingCount', () => {
    const { shared, calls } = bulkhead({ limit: 5, ...unbounded });
    const counts = () => [shared.state.running, shared.state.waiting];
    const seen = [counts()];
    const one = calls(1);
    seen.push(counts());
    for (const call of one) call.succeed();
    seen.push(counts());
    const immediate = calls(5);
    const delayed = calls(3);
    seen.push(counts());
    for (const call of immediate) call.succeed();
    seen.push(counts());
    for (const call of delayed) call.succeed();
    seen.push(counts());
    expect(seen).toEqual([
      [0, 0],
      [1, 0],
      [0, 0],
      [5, 3],
      [3, 0],
      [0, 0],
    ]);
  });
});
