import { map, Observable } from 'rxjs';
import { describe, expect } from 'vitest';

import type { Clock } from '../../lib/core/clock.js';
import { NetworkError, TimeoutError } from '../../lib/core/errors.js';
import { type Gate } from '../../lib/core/policy/permit.js';
import { guard } from '../../lib/core/policy/guarded-run.js';
import { through } from '../../lib/core/through.js';
import type { VirtualTime } from '../../lib/testing/virtual-time.js';
import { deadline } from '../../operators/deadline.js';
import { retryBackoff } from '../../operators/retry-backoff.js';
import { timeoutEach } from '../../operators/timeout-each.js';
import { marble } from '../support/marble.js';

const lost = new NetworkError('connection reset', 'receive');
const late = (ms: number, cause?: unknown) =>
  new TimeoutError('total', ms, cause === undefined ? {} : { cause }, 'deadline.totalMs');
const retry = ({ clock }: VirtualTime, waitMs: number) =>
  retryBackoff<string>({ attempts: Infinity, backoff: () => waitMs, clock });

/** Lets every permit wait so long. */
const queue = (clock: Clock, ms: number): Gate => ({
  enter: (permit) => void clock.after(ms, () => permit.admit()),
  abandon: () => undefined,
  leave: () => undefined,
});

function causeOf(source: Observable<unknown>, t: VirtualTime): unknown {
  let cause: unknown = 'there is no error';
  source.subscribe({ error: (error: Error) => (cause = error.cause) });
  t.flush();
  return cause;
}

describe('an attempt inside a deadline', () => {
  marble('gets what is left: it is cut off in the middle, and the attempt before it is the cause', (t) => {
    const source = t.cold('  ---#', undefined, lost);
    const expected = '       ----------#';

    const result = source.pipe(retry(t, 1), deadline({ totalMs: 10, clock: t.clock }));
    t.expectObservable(result).toBe(expected, undefined, late(10, lost));
    t.expectSubscriptions(source.subscriptions).toBe(['^--!', '----^--!', '--------^-!']);
  });

  marble('is not waited for when the deadline comes first: the last error passes at once', (t) => {
    const asks = new NetworkError('come back later', 'receive', { retryAfterMs: 20 });
    const source = t.cold('  ---#', undefined, asks);
    const expected = '       ---#';

    const result = source.pipe(retry(t, 1), deadline({ totalMs: 10, clock: t.clock }));
    t.expectObservable(result).toBe(expected, undefined, asks);
    t.flush();
    expect(asks.retryAt!.getTime() - t.clock.now()).toBe(20);
  });

  marble('is not started when it would have less time than it needs', (t) => {
    const source = t.cold('  ---#', undefined, lost);
    const expected = '       -------#';

    const options = { totalMs: 10, leastAttemptMs: 3, clock: t.clock };
    t.expectObservable(source.pipe(retry(t, 1), deadline(options))).toBe(expected, undefined, lost);
    t.expectSubscriptions(source.subscriptions).toBe(['^--!', '----^--!']);
  });

  marble('is not started by timeoutEach when the wait in front of it has used up the time', (t) => {
    const source = t.cold('  -a|');
    const expected = '       --------#';

    const options = { totalMs: 10, leastAttemptMs: 3, clock: t.clock };
    const result = source.pipe(
      timeoutEach({ attemptMs: 5, clock: t.clock }),
      guard(queue(t.clock, 8)),
      deadline(options),
    );
    t.expectObservable(result).toBe(expected, undefined, late(10));
    t.expectSubscriptions(source.subscriptions).toBe([]);
  });

  marble('has its own limit, whose error is the cause when time runs out in the next attempt', (t) => {
    const each = timeoutEach<string>({ attemptMs: 4, clock: t.clock });
    const cause = causeOf(t.cold<string>('').pipe(each, retry(t, 1), deadline({ totalMs: 7, clock: t.clock })), t);
    expect(cause).toMatchObject({ kind: 'timeout', which: 'attempt', limitMs: 4 });
  });
});

describe('what is left of a deadline', () => {
  marble('is known through `through`', (t) => {
    const source = t.cold('  ---#', undefined, lost);
    const expected = '       ---#';

    const upper = through(map((text: string) => text.toUpperCase()));
    const result = source.pipe(retry(t, 20), upper, deadline({ totalMs: 10, clock: t.clock }));
    t.expectObservable(result).toBe(expected, undefined, lost);
  });

  marble('is not known through a stock operator: the wait is cut off', (t) => {
    const source = t.cold('  ---#', undefined, lost);
    const expected = '       ----------#';

    const result = source.pipe(
      retry(t, 20),
      map((text) => text),
      deadline({ totalMs: 10, clock: t.clock }),
    );
    t.expectObservable(result).toBe(expected, undefined, late(10));
    t.expectSubscriptions(source.subscriptions).toBe('^--!');
  });

  marble('cannot be extended by an inner deadline', (t) => {
    const source = t.cold('  ---#', undefined, lost);
    const expected = '       ---#';

    const [inner, outer] = [
      deadline<string>({ totalMs: 90, clock: t.clock }),
      deadline({ totalMs: 10, clock: t.clock }),
    ];
    t.expectObservable(source.pipe(retry(t, 20), inner, outer)).toBe(expected, undefined, lost);
  });

  marble('can be shortened by an inner deadline', (t) => {
    const [inner, outer] = [
      deadline<string>({ totalMs: 5, clock: t.clock }),
      deadline({ totalMs: 90, clock: t.clock }),
    ];
    t.expectObservable(t.cold('').pipe(inner, outer)).toBe('-----#', undefined, late(5));
  });

  marble('starts no inner deadline that comes too late', (t) => {
    const inner = deadline<string>({ totalMs: 90, clock: t.clock });
    const outer = deadline<string>({ totalMs: 10, leastAttemptMs: 3, clock: t.clock });
    const source = t.cold('a|');
    t.expectObservable(source.pipe(inner, guard(queue(t.clock, 8)), outer)).toBe('--------#', undefined, late(10));
    t.expectSubscriptions(source.subscriptions).toBe([]);
  });

  marble('tells the outer deadline too what an attempt failed with', (t) => {
    const [inner, outer] = [
      deadline<string>({ totalMs: 90, clock: t.clock }),
      deadline({ totalMs: 10, clock: t.clock }),
    ];
    expect(causeOf(t.cold('---#', undefined, lost).pipe(retry(t, 1), inner, outer), t)).toBe(lost);
  });

  marble("is nobody else's: a source that emits at once starts others without a limit", (t) => {
    const slow = t.cold('  ---------a|');
    const expected = '     ---------a|';

    const flat = t.cold('(x|)').pipe(deadline({ totalMs: 5, clock: t.clock }));
    const result = new Observable<string>((subscriber) =>
      flat.subscribe(() => subscriber.add(slow.pipe(retry(t, 1)).subscribe(subscriber))),
    );
    t.expectObservable(result).toBe(expected);
  });
});
