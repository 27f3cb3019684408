import { describe, expect, it } from 'vitest';

import { StatusError } from '../../lib/core/answer-errors.js';
import { NetworkError } from '../../lib/core/errors.js';
import { rateHintOf } from '../../lib/core/policy/rate-hint.js';
import { parseRateLimit, parseRateLimitPolicy } from '../../lib/core/policy/rate-limit-fields.js';

// The examples of draft-ietf-httpapi-ratelimit-headers-11, and what its grammar allows and forbids.

describe('a RateLimit-Policy field', () => {
  it('is read item by item', () => {
    expect(parseRateLimitPolicy('"burst";q=100;w=60,"daily";q=1000;w=86400')).toEqual([
      { policy: 'burst', quota: 100, unit: 'requests', windowMs: 60_000 },
      { policy: 'daily', quota: 1000, unit: 'requests', windowMs: 86_400_000 },
    ]);
  });

  it('may name a unit, and a partition', () => {
    expect(parseRateLimitPolicy('"peruser";q=100;qu="content-bytes";w=60;pk=:cHsdsRa894==:')).toEqual([
      { policy: 'peruser', quota: 100, unit: 'content-bytes', windowMs: 60_000, partition: 'cHsdsRa894==' },
    ]);
  });

  it('may leave out the window', () => {
    expect(parseRateLimitPolicy('"fixed";q=5;qu="concurrent-requests"')).toEqual([
      { policy: 'fixed', quota: 5, unit: 'concurrent-requests' },
    ]);
  });

  it('may say more than is known', () => {
    const more = '"a";q=1;w=2;x;y=?0;z=1.5;token=ab/c;at=@12;text="t;,\\"";bytes=:AA==:;disp=%"%c3%bc"';
    expect(parseRateLimitPolicy(more)).toEqual([{ policy: 'a', quota: 1, unit: 'requests', windowMs: 2000 }]);
  });
});

describe('a RateLimit field', () => {
  it('is read item by item', () => {
    expect(parseRateLimit('"default";r=50;t=30 ,  "daily";r=999;pk=:c29tZQ==:')).toEqual([
      { policy: 'default', left: 50, forMs: 30_000 },
      { policy: 'daily', left: 999, partition: 'c29tZQ==' },
    ]);
  });

  it('is not believed beyond ten minutes', () => {
    expect(parseRateLimit('"day";r=0;t=86400')).toEqual([{ policy: 'day', left: 0, forMs: 600_000 }]);
  });

  it('takes the last of several parameters of one name, and unescapes names', () => {
    expect(parseRateLimit('"a\\"b\\\\";r=1;r=2')).toEqual([{ policy: 'a"b\\', left: 2 }]);
  });
});

describe('a field that is malformed', () => {
  it.each([
    ['has no item', ''],
    ['ends with a comma', '"a";r=1,'],
    ['has a name that is no string', 'a;r=1'],
    ['has an inner list', '("a" "b");r=1'],
    ['has no r', '"a";t=1'],
    ['has an r below 0', '"a";r=-1'],
    ['has an r with a fraction', '"a";r=1.5'],
    ['has an r that is a string', '"a";r="1"'],
    ['has an r without a value', '"a";r'],
    ['has an r of 16 digits', '"a";r=1234567890123456'],
    ['has a t that is a token', '"a";r=1;t=soon'],
    ['has a pk that is no byte sequence', '"a";r=1;pk="b"'],
    ['has an open string', '"a;r=1'],
    ['has an open byte sequence', '"a";r=1;pk=:AA'],
    ['has an escape of anything else', '"a\\b";r=1'],
    ['has an upper-case key', '"a";R=1'],
    ['has a space before a parameter', '"a" ;r=1'],
    ['has text behind it', '"a";r=1 b'],
    ['has one bad item among good ones', '"a";r=1,"b";r=x'],
    ['has a character outside ASCII', '"\u00fc";r=1'],
    ['is that of older drafts', 'limit=100, remaining=50, reset=50'],
  ])('because it %s is ignored as a whole', (_, field) => {
    expect(parseRateLimit(field)).toEqual([]);
    expect(parseRateLimitPolicy(field.replaceAll(';r', ';q').replaceAll(';t', ';w'))).toEqual([]);
  });

  it('or absent, says nothing', () => {
    expect([parseRateLimit(null), parseRateLimit(undefined), parseRateLimitPolicy(null)]).toEqual([[], [], []]);
  });

  it('and long, is read in linear time', () => {
    const started = performance.now();
    expect(parseRateLimit(`"a";r=1${', "a"'.repeat(100_000)};r`)).toEqual([]);
    expect(parseRateLimit(`"${'\\\\'.repeat(200_000)}`)).toEqual([]);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

describe('rateHintOf', () => {
  const headers = (fields: Record<string, string>) => new Headers(fields);
  const both = { ratelimit: '"a";r=1;t=2', 'ratelimit-policy': '"a";q=3;w=4' };
  const said = {
    policies: [{ policy: 'a', quota: 3, unit: 'requests', windowMs: 4000 }],
    left: [{ policy: 'a', left: 1, forMs: 2000 }],
  };

  it('reads the fields of whatever has headers', () => {
    expect(rateHintOf({ type: 'head', headers: headers(both) })).toEqual(said);
    expect(rateHintOf(new Response('', { headers: both }))).toEqual(said);
  });

  it('reads an error, how long it asks to wait included', () => {
    const error = new StatusError(429, 'busy', { headers: headers(both), body: undefined, retryAfterMs: 5000 });
    expect(rateHintOf(error)).toEqual({ retryAfterMs: 5000, ...said });
    expect(rateHintOf(new NetworkError('lost', 'send', { retryAfterMs: 7 }))).toEqual({ retryAfterMs: 7 });
  });

  it('believes no answer that comes from a cache', () => {
    expect(rateHintOf({ headers: headers({ ...both, age: '1' }) })).toBeUndefined();
    expect(rateHintOf({ headers: headers({ ...both, age: '0' }) })).toEqual(said);
  });

  it.each([
    [undefined],
    [null],
    [7],
    ['text'],
    [{}],
    [{ headers: { ratelimit: '"a";r=1' } }],
    [{ headers: headers({}) }],
  ])('finds nothing in %o', (value) => {
    expect(rateHintOf(value)).toBeUndefined();
  });
});
