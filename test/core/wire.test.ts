import { describe, expect, it } from 'vitest';

import { DEFAULT_LIMITS } from '../../lib/core/wire.js';

describe('DEFAULT_LIMITS', () => {
  it('are what the documentation of Limits says', () => {
    const kib = 1_024;
    expect(DEFAULT_LIMITS).toEqual({
      bodyBytes: 10 * kib * kib,
      errorBodyBytes: kib * kib,
      lineBytes: kib * kib,
      encodings: 5,
      redirects: 10,
      headerBytes: 64 * kib,
    });
  });

  it('cannot be changed for everyone', () => {
    expect(Object.isFrozen(DEFAULT_LIMITS)).toBe(true);
  });
});
