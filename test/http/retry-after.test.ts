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

  // RFC 9110, section 5.6.7: the same moment in the one format to write, and in the two obsolete ones.
  it.each(['Sun, 06 Nov 1994 08:49:37 GMT', 'Sunday, 06-Nov-94 08:49:37 GMT', 'Sun Nov  6 08:49:37 1994'])(
    'reads %j',
    (value) => {
      const before = Date.UTC(1994, 10, 6, 8, 49, 30);
      expect(readRetryAfter(new Headers({ 'Retry-After': value }), before)).toBe(7_000);
      expect(read(value)).toBe(0);
    },
  );

  it('reads a leap second, and takes a year of two digits that is more than 50 ahead for one that has passed', () => {
    expect(read('Fri, 02 Jan 2026 03:04:60 GMT')).toBe(read('Fri, 02 Jan 2026 03:05:00 GMT'));
    expect(read('Saturday, 01-Jan-77 03:04:06 GMT')).toBe(0);
    expect(read('Wednesday, 02-Jan-75 03:04:06 GMT')).toBe(Date.UTC(2075, 0, 2, 3, 4, 6) - now);
  });

  // urllib3, test/test_retry.py, at 11:00 on that day.
  it.each([
    ['3600', 3_600],
    ['0', 0],
    ['1000', 1_000],
    ['\t42 ', 42],
    ['Mon, 03 Jun 2019 11:30:12 GMT', 1_812],
    ['Monday, 03-Jun-19 11:30:12 GMT', 1_812],
    ['Mon Jun  3 11:30:12 2019', 1_812],
    // Read there, but no date of HTTP: one digit, and a time zone that is not GMT.
    ['Mon, 3 Jun 2019 12:00:00 UTC', undefined],
    ['-1', undefined],
    ['+1', undefined],
    ['1.0', undefined],
    ['\xb2', undefined],
  ])('%j of the tests of urllib3 is %j seconds', (value, seconds) => {
    const ms = readRetryAfter(new Headers({ 'Retry-After': value }), Date.UTC(2019, 5, 3, 11));
    expect(ms).toBe(seconds === undefined ? undefined : seconds * 1_000);
  });

  // ky, test/retry.ts.
  it.each(['0x10', '1e3', '', 'Sun Nov 06 1994 08:49:37 GMT', 'Sun, 32 Dec 2030 25:99:99 GMT', 'not-a-valid-value'])(
    '%j of the tests of ky is none',
    (value) => {
      expect(read(value)).toBeUndefined();
    },
  );

  it.each([
    ...['', '-5', '+5', '1.5', '1e3', '0x10', 'Infinity', 'NaN', '1, 2', '5;', '²', '1_000', '"5"', 'tomorrow', 'null'],
    ...['9'.repeat(16), '2026-01-02', '2026-01-02T03:04:06Z', 'Fri, 02 Jan 2026 03:04:06'],
    ...['Fri, 02 Jan 2026 03:04:06 +0000', 'Fri, 02 Jan 2026 03:04:06 UTC', 'fri, 02 jan 2026 03:04:06 gmt'],
    ...['Fri, 2 Jan 2026 03:04:06 GMT', 'Fri, 02-Jan-26 03:04:06 GMT', 'Friday, 2-Jan-26 03:04:06 GMT'],
    ...['Thursday, 02-Jan-26 03:04:06 GMT', 'Friday, 02-Jan-2026 03:04:06 GMT', 'Friday, 02-Jan-26 03:04:06'],
    ...['Fri Jan 2 03:04:06 2026', 'Thu Jan  2 03:04:06 2026', 'Fri Jan  2 03:04:06 2026 GMT'],
    ...['Fri, 02 Jan 2026 03:04:61 GMT', 'Fri, 02 Jan 2026 03:60:60 GMT'],
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
