import { defer, Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { createBudget } from '../../lib/core/budget.js';
import { NetworkError } from '../../lib/core/errors.js';
import { createHedge } from '../../lib/core/policy/hedge.js';
import { hedge } from '../../operators/hedge.js';
import { retryBackoff } from '../../operators/retry-backoff.js';
import { timeoutEach } from '../../operators/timeout-each.js';
import { HandCalls } from '../support/calls.js';
import { handClock } from '../support/hand-clock.js';
import { marble } from '../support/marble.js';

const lost = new NetworkError('connection reset', 'receive');

/** An Observable that is another one at each subscription. */
function inTurn<T>(...attempts: Observable<T>[]): Observable<T> {
  let subscriptions = 0;
  return defer(() => attempts[subscriptions++]!);
}

describe('bugs of other hedges that this one does not have', () => {
  // The race is over with the head of the answer; whoever cancels all attempts then, cuts the winner's body off.
  // Also go-resty #1197: 3,965 of 524,288 bytes were read.
  marble('failsafe-go #65, #123: the end of the race cancels the body of the winner', (t) => {
    const first = t.cold(' ---------z|');
    const second = t.cold('  -h-b-b-b-b-b|');
    const expected = '     ---h-b-b-b-b-b|';
    const retried = inTurn(first, second).pipe(
      hedge(createHedge({ delayMs: 2, clock: t.clock })),
      retryBackoff({ clock: t.clock }),
    );
    t.expectObservable(retried).toBe(expected);
    t.expectSubscriptions(first.subscriptions).toBe('^--!');
    t.expectSubscriptions(second.subscriptions).toBe('--^-----------!');
  });

  marble('Polly #1340: the time limit of one attempt cancels the others', (t) => {
    const first = t.cold(' ---------a|');
    const second = t.cold('   -----b|');
    const expected = '     --------b|';
    const each = { attemptMs: 6, clock: t.clock };
    const attempts = inTurn(first.pipe(timeoutEach(each)), second.pipe(timeoutEach(each)));
    t.expectObservable(attempts.pipe(hedge(createHedge({ delayMs: 3, clock: t.clock })))).toBe(expected);
    t.expectSubscriptions(first.subscriptions).toBe('^-----!');
  });

  it('Kevlar #14, #46: a hedge is sent after the caller has left', () => {
    const clock = handClock();
    const shared = createHedge({ delayMs: 5, maxHedges: 3, clock });
    const left = new HandCalls(hedge(shared));
    clock.pass(4);
    left.leave();
    expect(clock.pending).toBe(0);
    clock.pass(60_000);
    expect([left.attempts.length, left.running, shared.state.hedges]).toEqual([1, 0, 0]);
  });

  // The failure was kept until the deadline, 15 s later, since a hedge seemed to be still to come.
  it('grpc-java #7222, #7337: a call whose hedges are not paid for hangs when it has failed', () => {
    const clock = handClock();
    const budget = createBudget({ capacity: 0 });
    const one = new HandCalls(hedge(createHedge({ delayMs: 5_000, budget, clock })));
    one.attempts[0]!.error(lost);
    expect([one.told, clock.pending]).toEqual([[lost], 0]);
  });

  it('grpc-java #10145: the next attempt waits for its time although the one before it has failed', () => {
    const clock = handClock();
    const one = new HandCalls(hedge(createHedge({ delayMs: 5_000, clock })));
    clock.pass(10);
    one.attempts[0]!.error(lost);
    expect(one.attempts.length).toBe(2);
    one.attempts[1]!.next('b');
    expect(one.told).toEqual(['b']);
  });

  // dotnet/extensions #5699: a hedge had answered, and the call waited on for its first attempt, which hung.
  it('Polly 8: the winner waits until the losers have ended', () => {
    const clock = handClock();
    const hangs = new Observable<string>(() => () => clock.after(60_000, () => undefined));
    const wins = new Observable<string>((to) => clock.after(1, () => (to.next('b'), to.complete())));
    const told: unknown[] = [];
    const call = inTurn(hangs, wins).pipe(hedge(createHedge({ delayMs: 5, clock })));
    call.subscribe({ next: (value) => told.push(value), complete: () => told.push('complete') });
    clock.pass(6);
    expect(told).toEqual(['b', 'complete']);
  });

  // averagePlusPercentage(50) is half of the average there, so that nearly every call is hedged.
  it('resilience4j: a percentage of the average is taken for what most calls stay below', () => {
    const clock = handClock();
    const shared = createHedge({ clock });
    for (let n = 1; n <= 100; n++) {
      const call = new HandCalls(hedge(shared));
      clock.pass(n);
      call.attempts[0]!.complete();
    }
    expect(shared.state.delayMs).toBeGreaterThanOrEqual(90);
    expect(shared.state.delayMs).toBeLessThan(100);
  });
});
