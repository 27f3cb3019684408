import { describe, expect, it } from 'vitest';

import { badRequest } from '../../lib/core/demand.js';

describe('badRequest', () => {
  it.each([1, 2, 1e9, Number.MAX_SAFE_INTEGER, Infinity])('finds nothing wrong with %s', (n) => {
    expect(badRequest(n)).toBeUndefined();
  });

  it.each([0, -0, -1, -Infinity, NaN, 0.5, 1.5, '3', undefined, null])(
    'refuses %s with a RangeError that says what to ask',
    (n) => {
      expect(badRequest(n as number)).toBeInstanceOf(RangeError);
      expect(badRequest(n as number)?.message).toBe(
        `request(${n}): ask for a positive whole number or Infinity (Reactive Streams rule 3.9)`,
      );
    },
  );
});
