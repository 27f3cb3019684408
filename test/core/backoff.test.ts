import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { StatusError } from '../../lib/core/answer-errors.js';
import { exponential } from '../../lib/core/backoff.js';
import { NetworkError } from '../../lib/core/errors.js';

const lost = new NetworkError('connection reset', 'receive');
const status = (code: number) => new StatusError(code, `status ${code}`, { headers: new Headers(), body: undefined });
const half = () => 0.5;
const nearlyOne = () => 1 - 2 ** -53;

describe('exponential', () => {
  it('doubles the length that a wait is drawn from', () => {
    const backoff = exponential();
    expect([1, 2, 3, 4].map((retry) => backoff(lost, retry, half))).toEqual([50, 100, 200, 400]);
  });

  it('draws from 0 to the full length', () => {
    const backoff = exponential();
    expect(backoff(lost, 3, () => 0)).toBe(0);
    expect(backoff(lost, 3, nearlyOne)).toBeCloseTo(400, 9);
  });

  it('begins at a second after a 429, and after no other status', () => {
    const backoff = exponential();
    expect([429, 503, 500].map((code) => backoff(status(code), 1, half))).toEqual([500, 50, 50]);
  });

  it('takes a foreign error with a status of 429 for any other', () => {
    expect(exponential()({ status: 429 }, 1, half)).toBe(50);
    expect(exponential()(undefined, 1, half)).toBe(50);
  });

  it('stays within the cap', () => {
    const backoff = exponential({ baseMs: 10, throttledBaseMs: 10_000, capMs: 25 });
    expect([1, 2, 3].map((retry) => backoff(lost, retry, half))).toEqual([5, 10, 12.5]);
    expect(backoff(status(429), 1, half)).toBe(12.5);
  });

  it('is a number between 0 and the cap, however often it is asked', () => {
    const draws = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    const ms = fc.double({ min: 0, max: 1e9, noNaN: true });
    fc.assert(
      fc.property(draws, fc.integer({ min: 1, max: 1e6 }), ms, ms, (draw, retry, baseMs, capMs) => {
        const waitMs = exponential({ baseMs, capMs })(lost, retry, () => draw);
        expect(waitMs >= 0 && waitMs <= capMs).toBe(true);
      }),
    );
  });

  it('refuses what is not a number of milliseconds', () => {
    expect(() => exponential({ baseMs: -1 })).toThrow('exponential.baseMs: must be a number, 0 or more, not -1');
    expect(() => exponential({ capMs: NaN })).toThrow('exponential.capMs: must be a number, 0 or more, not NaN');
    expect(() => exponential({ maxMs: 1 } as object)).toThrow('exponential.maxMs: unknown option');
  });
});
