import { Observable, Subject, type Subscription } from 'rxjs';
import { describe, expect, it } from 'vitest';

import type { FlowOperator } from '../../lib/core/flow.js';
import { createBulkhead } from '../../lib/core/policy/bulkhead.js';
import { policyEvents } from '../../lib/core/policy/policy-events.js';
import { createRateLimiter } from '../../lib/core/policy/rate-limiter.js';
import { limitConcurrency } from '../../operators/limit-concurrency.js';
import { limitRate } from '../../operators/limit-rate.js';
import { HandClock } from '../http/hand-clock.js';

/** Guards of each kind, that let one through and keep one waiting. */
const guards = {
  limitConcurrency: (clock: HandClock) => {
    const bulkhead = createBulkhead({ limit: 1, maxWaiting: 1, queueMs: 50, clock });
    const changes: Observable<unknown> = bulkhead.changes;
    const open = () => [bulkhead.state.running, bulkhead.state.waiting];
    return { changes, open, guard: <T>(): FlowOperator<T, T> => limitConcurrency(bulkhead) };
  },
  limitRate: (clock: HandClock) => {
    const limiter = createRateLimiter({ limit: 1, windowMs: 40, maxWaiting: 1, queueMs: 50, clock });
    const changes: Observable<unknown> = limiter.changes;
    const open = () => [0, limiter.state.waiting];
    return { changes, open, guard: <T>(): FlowOperator<T, T> => limitRate(limiter) };
  },
};

describe.each(Object.entries(guards))('a listener to the state or the decisions of %s', (_, make) => {
  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])('may make all calls leave at its call number %i', (number) => {
    const clock = new HandClock();
    const { changes, open, guard } = make(clock);
    const calls: Subscription[] = [];
    let heard = 0;
    const listen = () => {
      if (heard++ === number) for (const one of calls) one.unsubscribe();
    };
    const listening = changes.subscribe(listen);
    listening.add(policyEvents.subscribe(listen));
    const sources: Subject<never>[] = [];
    const call = (): void => {
      const source = new Subject<never>();
      sources.push(source);
      const shown = new Observable<never>((subscriber) => {
        // A subscription that a listener can end while the call is still being subscribed to.
        calls.push(subscriber as unknown as Subscription);
        return source.pipe(guard()).subscribe(subscriber);
      });
      calls.push(shown.subscribe({ error: () => undefined }));
    };
    for (let n = 0; n < 3; n++) call();
    sources[0]!.complete();
    call();
    clock.advance(60);
    call();
    for (const one of calls) one.unsubscribe();
    listening.unsubscribe();
    expect(open()).toEqual([0, 0]);
    expect([clock.pending, sources.filter(({ observed }) => observed).length]).toEqual([0, 0]);
    clock.advance(100);
    const again = new Subject<never>();
    again.pipe(guard()).subscribe();
    expect(again.observed).toBe(true);
  });
});

describe('an Observable limit of limitConcurrency', () => {
  it('may make the call leave that subscribes to it', () => {
    let call: Subscription | undefined;
    const leaving = new Observable<number>((subscriber) => {
      call?.unsubscribe();
      subscriber.next(1);
    });
    const bulkhead = createBulkhead({ limit: leaving });
    const source = new Subject<never>();
    new Observable<never>((subscriber) => {
      call = subscriber as unknown as Subscription;
      return source.pipe(limitConcurrency(bulkhead)).subscribe(subscriber);
    }).subscribe();
    expect(bulkhead.state).toMatchObject({ running: 0, used: 0, waiting: 0, started: 0 });
    expect(source.observed).toBe(false);
  });
});
