import { concat, EMPTY, NEVER, Observable, of, Subject, throwError } from 'rxjs';
import { describe, expect, it, onTestFinished, vi } from 'vitest';

import { StatusError } from '../../lib/core/answer-errors.js';
import { PROGRESS } from '../../lib/core/progress.js';
import type { RateHint } from '../../lib/core/policy/rate-hint.js';
import { createRateLimiter } from '../../lib/core/policy/rate-limiter.js';
import type { RateLimiterOptions } from '../../lib/core/policy/rate-settings.js';
import { limitRate } from '../../operators/limit-rate.js';
import { HandClock } from '../http/hand-clock.js';

/** A limiter so wide that only the server's limits are felt. */
function served(options: Partial<RateLimiterOptions> = {}) {
  const clock = new HandClock();
  const limit = { limit: 1000, algorithm: 'log', queueMs: Infinity } as const;
  const limiter = createRateLimiter({ ...limit, random: () => 0, clock, ...options });
  const startedAt = clock.now();
  const starts: number[] = [];
  const call = (answer: Observable<unknown> = EMPTY) => {
    const started$ = new Observable((subscriber) => {
      starts.push(clock.now() - startedAt);
      return answer.subscribe(subscriber);
    });
    return started$.pipe(limitRate(limiter)).subscribe({ error: () => undefined });
  };
  return { clock, limiter, starts, call, startsAfter: (calls: number) => (times(calls, call), starts) };
}

const times = (n: number, run: () => unknown): void => {
  for (let i = 0; i < n; i++) run();
};
const fields = (record: Record<string, string>) => new Headers(record);
const head = (record: Record<string, string>) => ({ [PROGRESS]: true, type: 'head', headers: fields(record) });
const refused = (record: Record<string, string>, retryAfterMs?: number) =>
  throwError(() => new StatusError(429, 'busy', { headers: fields(record), body: undefined, retryAfterMs }));

describe('Retry-After in limitRate', () => {
  it('holds back all that share the limiter, and none that has started', () => {
    const { call, clock, starts } = served();
    const running = new Subject();
    call(running);
    call(refused({}, 3000));
    times(2, call);
    expect([starts, running.observed]).toEqual([[0, 0], true]);
    clock.advance(3000);
    expect(starts).toEqual([0, 0, 3000, 3000]);
  });

  it('goes before what RateLimit says', () => {
    const { call, clock, starts } = served();
    call(refused({ ratelimit: '"a";r=0;t=60' }, 2000));
    call();
    clock.advance(10_000);
    expect(starts).toEqual([0, 2000]);
  });

  it('is stretched by up to a tenth, so that clients do not come back together', () => {
    const { call, clock, starts } = served({ random: () => 0.5 });
    call(refused({}, 2000));
    call();
    clock.advance(10_000);
    expect(starts).toEqual([0, 2100]);
  });

  it('is believed for ten minutes at most', () => {
    const { limiter, call, clock, starts } = served();
    limiter.heed({ retryAfterMs: 999_999_000 });
    call();
    clock.advance(599_999);
    expect(starts).toEqual([]);
    clock.advance(1);
    expect(starts).toEqual([600_000]);
  });

  it('is never shortened by a later answer', () => {
    const { limiter, startsAfter, clock } = served();
    limiter.heed({ retryAfterMs: 5000 });
    for (const retryAfterMs of [1000, 0, -1, NaN]) limiter.heed({ retryAfterMs });
    startsAfter(1);
    clock.advance(4999);
    expect(startsAfter(0)).toEqual([]);
    clock.advance(1);
    expect(startsAfter(0)).toEqual([5000]);
  });

  it('turns those away at once that would wait too long', () => {
    const { limiter } = served({ queueMs: 1000 });
    limiter.heed({ retryAfterMs: 5000 });
    let thrown: unknown;
    EMPTY.pipe(limitRate(limiter)).subscribe({ error: (error: unknown) => (thrown = error) });
    expect(thrown).toMatchObject({ why: 'rate-limited', retryAfterMs: 5000 });
  });

  it('turns those away that wait already, when their time is over', () => {
    const { limiter, call, clock } = served({ limit: 1, queueMs: 1000 });
    call();
    const errors: unknown[] = [];
    EMPTY.pipe(limitRate(limiter)).subscribe({ error: (error: unknown) => errors.push(error) });
    limiter.heed({ retryAfterMs: 5000 });
    clock.advance(999);
    expect(errors).toEqual([]);
    clock.advance(1);
    expect(errors).toMatchObject([{ why: 'rate-limited', retryAfterMs: 4000 }]);
    expect(clock.pending).toBe(0);
  });

  it('does not let a burst start when it is over', () => {
    const { limiter, startsAfter, clock } = served({ algorithm: 'gcra', limit: 10, burst: 10 });
    limiter.heed({ retryAfterMs: 5000 });
    startsAfter(3);
    clock.advance(10_000);
    expect(startsAfter(0)).toEqual([5000, 5100, 5200]);
  });
});

describe('RateLimit in limitRate', () => {
  it('lets no more start than is left, until its time is over', () => {
    const { call, startsAfter, clock, starts } = served();
    call(of(head({ ratelimit: '"a";r=2;t=30' })));
    startsAfter(5);
    expect(starts).toEqual([0, 0, 0]);
    clock.advance(30_000);
    expect(starts).toEqual([0, 0, 0, 30_000, 30_000, 30_000]);
  });

  it('is not spread over its time (section 8.5: 10 000 left for 10 s, 10 a second allowed)', () => {
    const { call, startsAfter, clock, starts } = served({ limit: 100_000 });
    const both = { ratelimit: '"hour";r=10000;t=10', 'ratelimit-policy': '"hour";q=100000;w=3600,"second";q=10;w=1' };
    call(of(head(both)));
    startsAfter(30);
    expect(starts).toHaveLength(11);
    clock.advance(999);
    expect(starts).toHaveLength(11);
    clock.advance(1);
    expect(starts).toHaveLength(21);
  });

  it('counts what was started since the answered call as not yet counted by the server', () => {
    const { call, starts } = served();
    const answer = new Subject();
    call(answer);
    times(3, call);
    answer.next(head({ ratelimit: '"a";r=5;t=30' }));
    times(9, call);
    expect(starts).toHaveLength(4 + 2);
  });

  it('of an earlier call does not undo what a later one said', () => {
    const { call, starts } = served();
    const slow = new Subject();
    call(slow);
    call(of(head({ ratelimit: '"a";r=1;t=30' })));
    slow.next(head({ ratelimit: '"a";r=100;t=30' }));
    times(9, call);
    expect(starts).toHaveLength(2 + 1);
  });

  it('renews what is left with each answer', () => {
    const { call, starts, clock } = served();
    call(of(head({ ratelimit: '"a";r=0;t=1' })));
    call(of(head({ ratelimit: '"a";r=1;t=30' })));
    times(3, call);
    clock.advance(1000);
    expect(starts).toEqual([0, 1000, 1000]);
  });

  it('without a time holds for the policy’s window when nothing is left, else not at all', () => {
    const { call, starts, clock } = served();
    call(of(head({ ratelimit: '"a";r=0', 'ratelimit-policy': '"a";q=20000;w=7' })));
    call();
    clock.advance(7000);
    expect(starts).toEqual([0, 7000]);
    const other = served();
    other.call(of(head({ ratelimit: '"a";r=1' })));
    expect(other.startsAfter(4)).toHaveLength(5);
  });

  it('keeps the partition that was last heard of', () => {
    const { limiter, startsAfter } = served();
    limiter.heed({ left: [{ policy: 'a', left: 0, forMs: 30_000, partition: 'AA==' }] });
    expect(startsAfter(1)).toHaveLength(0);
    limiter.heed({ left: [{ policy: 'a', left: 5, forMs: 30_000, partition: 'BB==' }] });
    expect(startsAfter(9)).toHaveLength(5);
  });

  it('of bytes or of concurrency is no matter of starts', () => {
    const { limiter, startsAfter } = served();
    for (const unit of ['content-bytes', 'concurrent-requests', 'carrots']) {
      limiter.heed({ policies: [{ policy: unit, quota: 1, unit, windowMs: 60_000 }] });
      limiter.heed({ left: [{ policy: unit, left: 0, forMs: 60_000 }] });
    }
    expect(startsAfter(3)).toHaveLength(3);
  });

  it('is no matter of starts either when its unit is told later', () => {
    const { limiter, startsAfter } = served();
    limiter.heed({ left: [{ policy: 'a', left: 0, forMs: 60_000 }] });
    expect(startsAfter(2)).toHaveLength(0);
    limiter.heed({ policies: [{ policy: 'a', quota: 1, unit: 'content-bytes' }] });
    expect(startsAfter(0)).toHaveLength(2);
  });

  it('that is malformed, or comes from a cache, is ignored', () => {
    const { call, startsAfter } = served();
    call(of(head({ ratelimit: '"a";r=0;t=x' }), head({ ratelimit: '"a";r=0;t=60', age: '3' })));
    expect(startsAfter(3)).toHaveLength(4);
  });

  it('of countless policies takes no more room than eight', () => {
    const { limiter } = served();
    for (let n = 0; n < 100; n++) limiter.heed({ left: [{ policy: `p${n}`, left: 9, forMs: 30_000 }] });
    expect(limiter.snapshot().quotas).toHaveLength(8);
  });
});

describe('answers that come while limitRate lets calls start', () => {
  it('let 20 000 start, each of which says so at once, without piling up on the stack', () => {
    const { limiter, call, starts } = served({ maxWaiting: Infinity, limit: 50_000 });
    limiter.heed({ left: [{ policy: 'a', left: 0, forMs: 60_000 }] });
    times(20_000, () => call(of(head({ ratelimit: '"a";r=50000;t=60' }))));
    limiter.heed({ left: [{ policy: 'a', left: 1, forMs: 60_000 }] });
    expect([starts.length, limiter.state.waiting]).toEqual([20_000, 0]);
  });

  it('let nobody pass those that wait', () => {
    const { limiter } = served();
    const order: string[] = [];
    const call = (name: string): void => {
      const started$ = new Observable(() => {
        order.push(name);
        if (name === 'a') call('late');
      });
      started$.pipe(limitRate(limiter)).subscribe();
    };
    limiter.heed({ left: [{ policy: 'a', left: 0, forMs: 60_000 }] });
    for (const name of ['a', 'b', 'c']) call(name);
    limiter.heed({ left: [{ policy: 'a', left: 9, forMs: 60_000 }] });
    expect(order).toEqual(['a', 'b', 'c', 'late']);
  });
});

describe('what limitRate reads', () => {
  it('is each progress event, the first value, and the error', () => {
    const read: unknown[] = [];
    const { call } = served({ read: (said) => void read.push(said) });
    const lost = new Error('lost');
    call(
      concat(
        of(head({})),
        of('first', 'second'),
        throwError(() => lost),
      ),
    );
    expect(read).toEqual([expect.objectContaining({ type: 'head' }), 'first', lost]);
  });

  it('may be read by the program', () => {
    const read = (said: unknown): RateHint | undefined => (said === 'busy' ? { retryAfterMs: 100 } : undefined);
    const { call, starts, clock } = served({ read });
    call(of('busy'));
    call();
    clock.advance(100);
    expect(starts).toEqual([0, 100]);
  });

  it('harms no call when it cannot be read: what read throws is reported', () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const lost = new Error('unreadable');
    const { limiter } = served({
      read: () => {
        throw lost;
      },
    });
    const seen: number[] = [];
    of(1, 2)
      .pipe(limitRate(limiter))
      .subscribe((value) => seen.push(value));
    expect(seen).toEqual([1, 2]);
    expect(() => vi.runAllTimers()).toThrow(lost);
  });

  it('may let another call start that cancels the one that is read', () => {
    const { limiter, clock } = served({ algorithm: 'gcra', limit: 1, queueMs: Infinity });
    const answer = new Subject();
    const seen: unknown[] = [];
    const first = answer.pipe(limitRate(limiter)).subscribe((value) => seen.push(value));
    clock.advance(1000);
    limiter.heed({ left: [{ policy: 'a', left: 0, forMs: 60_000 }] });
    concat(new Observable(() => first.unsubscribe()), NEVER)
      .pipe(limitRate(limiter))
      .subscribe();
    answer.next(head({ ratelimit: '"a";r=9;t=60' }));
    expect([seen, answer.observed]).toEqual([[], false]);
  });
});
