import { describe, expect, it } from 'vitest';

import { createBudget } from '../../lib/core/budget.js';
import type { Clock } from '../../lib/core/clock.js';
import { isRetryable, NetworkError } from '../../lib/core/errors.js';
import { planRetry, type RetryPolicy } from '../../lib/core/retry-policy.js';

const NOW_MS = 1_000_000;
const clock: Clock = { now: () => NOW_MS, after: () => () => undefined };

function policy(changes: Partial<RetryPolicy> = {}): RetryPolicy {
  return {
    attempts: 3,
    backoff: () => 40,
    when: isRetryable,
    budget: undefined,
    maxRetryAfterMs: 60_000,
    random: () => 0.5,
    clock,
    policy: 'retryBackoff',
    name: undefined,
    ...changes,
  };
}

function lost(retryAfterMs?: number): NetworkError {
  return new NetworkError('lost', 'receive', { retryAfterMs });
}

describe('planRetry', () => {
  it('waits for the backoff', () => {
    expect(planRetry(policy(), lost(), 1, Infinity)).toBe(40);
  });

  it('tells the backoff the error, the retry from 1 and the source of chance', () => {
    const error = lost();
    const random = () => 0.25;
    const told: unknown[] = [];
    const backoff = (...args: unknown[]) => told.push(args);
    planRetry(policy({ backoff, random, attempts: 9 }), error, 4, Infinity);
    expect(told).toEqual([[error, 4, random]]);
  });

  it('lets the error pass when attempts have run out', () => {
    expect([1, 2, 3, 4].map((attempt) => planRetry(policy(), lost(), attempt, Infinity))).toEqual([40, 40, -1, -1]);
  });

  it('lets a foreign error pass, and one that is not retryable', () => {
    const final = new NetworkError('bad certificate', 'tls', { retryable: false });
    expect(planRetry(policy(), new Error('foreign'), 1, Infinity)).toBe(-1);
    expect(planRetry(policy(), final, 1, Infinity)).toBe(-1);
    expect(planRetry(policy({ when: () => true }), new Error('foreign'), 1, Infinity)).toBe(40);
  });

  it('throws what when and backoff throw', () => {
    const mistake = new Error('mistake');
    const failing = () => {
      throw mistake;
    };
    expect(() => planRetry(policy({ when: failing }), lost(), 1, Infinity)).toThrow(mistake);
    expect(() => planRetry(policy({ backoff: failing }), lost(), 1, Infinity)).toThrow(mistake);
  });

  it.each([
    ['counts a negative backoff as 0', -5, 0],
    ['counts a backoff of NaN as 20 s', NaN, 20_000],
    ['counts a backoff of Infinity as 20 s', Infinity, 20_000],
    ['leaves a long backoff as it is', 3_600_000, 3_600_000],
  ])('%s', (_title, backoffMs, waitMs) => {
    expect(planRetry(policy({ backoff: () => backoffMs }), lost(), 1, Infinity)).toBe(waitMs);
  });
});

describe('planRetry with Retry-After', () => {
  it.each([
    ['adds up to 10 %', 2000, 0.5, 2100],
    ['adds at most 5 s', 58_000, 0.5, 60_500],
    ['never waits less than asked', 2000, 0, 2000],
    ['never waits less than the backoff', 10, 0.5, 40],
    ['takes 0 for no more than the backoff', 0, 0.5, 40],
    ['waits for exactly the longest allowed', 60_000, 0, 60_000],
  ])('%s', (_title, askedMs, draw, waitMs) => {
    expect(planRetry(policy({ random: () => draw }), lost(askedMs), 1, Infinity)).toBe(waitMs);
  });

  it('gives up at once beyond maxRetryAfterMs, and says when to come back', () => {
    const error = lost(60_001);
    expect(planRetry(policy(), error, 1, Infinity)).toBe(-1);
    expect(error.retryAt).toEqual(new Date(NOW_MS + 60_001));
  });

  it('gives up at once beyond the deadline, and says when to come back', () => {
    const error = lost(2000);
    expect(planRetry(policy(), error, 1, 2050)).toBe(-1);
    expect(error.retryAt).toEqual(new Date(NOW_MS + 2000));
  });

  it('says when to come back also when attempts have run out', () => {
    const error = lost(500);
    planRetry(policy(), error, 3, Infinity);
    expect(error.retryAt).toEqual(new Date(NOW_MS + 500));
  });

  it('leaves a moment that is already set', () => {
    const error = lost(500);
    error.retryAt = new Date(7);
    planRetry(policy(), error, 3, Infinity);
    expect(error.retryAt).toEqual(new Date(7));
  });

  it('sets nothing on an error that asked for nothing, and nothing on one that is retried', () => {
    const [silent, retried] = [lost(), lost(500)];
    planRetry(policy(), silent, 3, Infinity);
    planRetry(policy(), retried, 1, Infinity);
    expect([silent.retryAt, retried.retryAt]).toEqual([undefined, undefined]);
  });

  it('holds a moment that is beyond what a Date can', () => {
    const error = lost(Number.MAX_VALUE);
    planRetry(policy(), error, 1, Infinity);
    expect(error.retryAt!.getTime()).toBe(8.64e15);
  });

  it('gives up when the server asks for ever, even where any wait is allowed', () => {
    expect(planRetry(policy({ maxRetryAfterMs: Infinity }), lost(Infinity), 1, Infinity)).toBe(-1);
  });
});

describe('planRetry with a deadline', () => {
  it('gives up when the wait would last until the deadline or beyond', () => {
    expect([39, 40, 41].map((leftMs) => planRetry(policy(), lost(), 1, leftMs))).toEqual([-1, -1, 40]);
  });

  it('gives up when the deadline is over', () => {
    expect(planRetry(policy({ backoff: () => 0 }), lost(), 1, 0)).toBe(-1);
  });
});

describe('planRetry with a budget', () => {
  it('takes one for each retry, and gives up when there is none left', () => {
    const budget = createBudget({ capacity: 1 });
    const waits = [1, 2].map((attempt) => planRetry(policy({ budget }), lost(), attempt, Infinity));
    expect(waits).toEqual([40, -1]);
    expect(budget.state).toEqual({ level: 0, capacity: 1, taken: 1, refused: 1 });
  });

  it('takes nothing where the error passes for another reason', () => {
    const budget = createBudget();
    planRetry(policy({ budget }), lost(), 3, Infinity);
    planRetry(policy({ budget }), lost(99_000), 1, Infinity);
    planRetry(policy({ budget }), lost(), 1, 40);
    planRetry(policy({ budget }), new Error('foreign'), 1, Infinity);
    expect(budget.state).toEqual({ level: 10, capacity: 10, taken: 0, refused: 0 });
  });
});
