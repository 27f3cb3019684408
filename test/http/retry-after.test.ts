import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { readRetryAfter } from '../../lib/http/retry-after.js';

const now = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const read = (value?: string): number | undefined =>
  readRetryAfter(new Headers(value === undefined ? {} : { 'Retry-After': value }), now);

describe('readRetryAfter', () => {
  it('reads whole seconds', () => {
    fc.assert(
      fc.property(fc.nat({ max: 999_999_999 }), (seconds) => {
        expect(read(String(seconds))).toBe(seconds * 1000);
      }),
    );
    expect([read('0'), read('007'), read(' 5 ')]).toEqual([0, 7000, 5000]);
  });

  it('reads a date that lies ahead, and takes one that has passed for now', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date(Date.UTC(9999, 0)), noInvalidDate: true }), (date) => {
        const atMs = Math.floor(date.getTime() / 1000) * 1000;
        expect(read(date.toUTCString())).toBe(Math.max(0, atMs - now));
      }),
    );
  });

  it.each([
    ...['', '-5', '+5', '1.5', '1e3', '0x10', 'Infinity', 'NaN', '1, 2', '5;', '²', '1_000', '"5"', 'tomorrow', 'null'],
    ...['9'.repeat(16), '2026-01-02', '2026-01-02T03:04:06Z', 'Fri, 02 Jan 2026 03:04:06'],
    ...['Fri, 02 Jan 2026 03:04:06 +0000', 'Fri, 02 Jan 2026 03:04:06 UTC', 'fri, 02 jan 2026 03:04:06 gmt'],
    ...['Fri, 2 Jan 2026 03:04:06 GMT', 'Fri, 02-Jan-26 03:04:06 GMT', 'Fri Jan  2 03:04:06 2026'],
    ...['Fri, 99 Jan 2026 03:04:06 GMT', 'Fri, 02 Jan 2026 25:04:06 GMT', 'Fri, 02 Jan 2026 03:99:06 GMT'],
    ...['Fry, 02 Jan 2026 03:04:06 GMT', 'Fri, 02 Jän 2026 03:04:06 GMT', 'Fri, 02 Jan 2026 03:04:06 GMT, 5'],
  ])('takes %j for none', (value) => {
    expect(read(value)).toBeUndefined();
  });

  it('is absent where the field is', () => {
    expect(read()).toBeUndefined();
  });

  it('takes whatever comes, and is a number of milliseconds or nothing', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[\u0020-\u007e\u00a0-\u00ff]*$/), (value) => {
        const ms = read(value);
        expect(ms === undefined || (ms >= 0 && Number.isFinite(ms))).toBe(true);
      }),
    );
  });
});
