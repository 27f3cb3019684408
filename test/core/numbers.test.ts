import { describe, expect, it } from 'vitest';

import { ConfigError } from '../../lib/core/errors.js';
import { atLeast, positiveWhole } from '../../lib/core/numbers.js';

describe('positiveWhole', () => {
  it.each([1, 16, Infinity])('takes %o', (value) => {
    expect(positiveWhole(value, 'f')).toBe(value);
  });

  it.each([0, -1, 1.5, NaN, -Infinity, '4', null, 4n])('refuses %o, naming the field', (value) => {
    expect(() => positiveWhole(value, 'mergeOrdered.concurrency')).toThrow(ConfigError);
    expect(() => positiveWhole(value, 'mergeOrdered.concurrency')).toThrow(
      `mergeOrdered.concurrency: must be a positive whole number or Infinity, not ${String(value)}`,
    );
  });
});

describe('atLeast', () => {
  it.each([20, 20.5, Infinity])('takes %o', (value) => {
    expect(atLeast(20, value, 'f')).toBe(value);
  });

  it.each([19.9, NaN, '20', null, new Date(30)])('refuses %o, naming the field', (value) => {
    expect(() => atLeast(20, value, 'maxWaitMs')).toThrow(
      `maxWaitMs: must be a number, 20 or more, not ${String(value)}`,
    );
  });
});
