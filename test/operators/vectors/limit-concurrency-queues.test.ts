import { Observable, type Subscriber } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { createBulkhead } from '../../../lib/core/policy/bulkhead.js';
import type { BulkheadOptions } from '../../../lib/core/policy/bulkhead-settings.js';
import { limitConcurrency, type LimitConcurrencyOptions } from '../../../operators/limit-concurrency.js';
import { handClock } from '../../support/hand-clock.js';

type Job = readonly [name: number, ms: number, place?: LimitConcurrencyOptions];

/** Runs jobs that come at once; in what order they start, when the last one ends, and who is turned away. */
function play(options: BulkheadOptions, jobs: readonly Job[]) {
  const clock = handClock();
  const startMs = clock.now();
  const bulkhead = createBulkhead({ clock, maxWaiting: Infinity, queueMs: Infinity, ...options });
  const order: number[] = [];
  const dropped: number[] = [];
  const used: number[] = [];
  let endedMs = 0;
  for (const [name, ms, place] of jobs) {
    const job$ = new Observable<never>((job: Subscriber<never>) => {
      order.push(name);
      return clock.after(ms, () => {
        endedMs = clock.now() - startMs;
        job.complete();
      });
    });
    job$.pipe(limitConcurrency(bulkhead, place)).subscribe({ error: () => dropped.push(name) });
    used.push(bulkhead.state.used);
  }
  const look = (atMs: number) => {
    clock.pass(atMs - (clock.now() - startMs));
    return bulkhead.state.used;
  };
  const finish = () => {
    clock.pass(60_000);
    return { order, dropped, endedMs };
  };
  return { used, look, finish };
}

// p-queue, test/basic.ts; there the higher number is the more urgent one, and there are as many as one likes.
describe('vectors of p-queue for the classes of limitConcurrency', () => {
  it('.add() - priority', () => {
    const jobs: Job[] = [
      [1, 10, { priority: 1 }],
      [20, 10, { priority: 2 }],
      [11, 10, { priority: 1 }],
      [12, 10, { priority: 1 }],
      [3, 10, { priority: 0 }],
      [30, 10, { priority: 3 }],
    ];
    expect(play({ limit: 1 }, jobs).finish().order).toEqual([1, 3, 11, 12, 20, 30]);
  });

  it('.add() - priority has a default', () => {
    const jobs: Job[] = [
      [1, 10],
      [2, 10],
      [3, 10, { priority: 0 }],
      [4, 10],
    ];
    expect(play({ limit: 1 }, jobs).finish().order).toEqual([1, 3, 2, 4]);
  });
});

// Bottleneck, test/priority.js and test/general.js; there 0 is the most urgent of ten, and 5 the default. Its least time
// between jobs, of 100 ms, is left out: that is what limitRate is for.
describe('vectors of Bottleneck for limitConcurrency', () => {
  const line: Job[] = [
    [1, 50, { priority: 2 }],
    [2, 10, { priority: 2 }],
    [3, 10, { priority: 2 }],
    [4, 10, { priority: 2 }],
    [5, 10, { priority: 1 }],
    [6, 10, { priority: 0 }],
    [7, 10, { priority: 3 }],
  ];

  it('basic ordering', () => {
    const jobs = [line[0]!, line[1]!, line[5]!, line[2]!, line[3]!];
    expect(play({ limit: 1 }, jobs).finish().order).toEqual([1, 6, 2, 3, 4]);
  });

  it('LEAK, OVERFLOW_PRIORITY: the least urgent make room', () => {
    const { order, dropped } = play({ limit: 1, maxWaiting: 2, queueMs: 1_000 }, line).finish();
    expect([order, dropped.toSorted()]).toEqual([
      [1, 6, 5],
      [2, 3, 4, 7],
    ]);
  });

  it('OVERFLOW: among those that are as urgent, who comes last is turned away', () => {
    const same = line.map(([name, ms]): Job => [name, ms]);
    const { order, dropped } = play({ limit: 1, maxWaiting: 2, queueMs: 1_000 }, same).finish();
    expect([order, dropped]).toEqual([
      [1, 2, 3],
      [4, 5, 6, 7],
    ]);
  });

  it('the running and done counts: weights of 1, 3 and 1 of 5', () => {
    const jobs: Job[] = [
      [1, 100, { cost: 1 }],
      [2, 200, { cost: 3 }],
      [3, 100, { cost: 1 }],
    ];
    const { used, look, finish } = play({ limit: 5 }, jobs);
    expect([used, look(125), look(225)]).toEqual([[1, 4, 5], 3, 0]);
    expect(finish()).toMatchObject({ order: [1, 2, 3], endedMs: 200 });
  });

  it('job statuses: a weight of 2 of 2 waits for both that run', () => {
    const jobs: Job[] = [
      [1, 100, { cost: 1 }],
      [2, 200, { cost: 1 }],
      [3, 100, { cost: 2 }],
    ];
    const { look, finish } = play({ limit: 2 }, jobs);
    expect([look(50), look(150), look(250)]).toEqual([2, 1, 2]);
    expect(finish()).toMatchObject({ order: [1, 2, 3], endedMs: 300 });
  });
});
