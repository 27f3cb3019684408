import { describe, expect, it } from 'vitest';

import { parseRateLimit } from '../../lib/core/policy/rate-limit-fields.js';

// The vectors of httpwg/structured-field-tests, as far as they can stand in a RateLimit field: whatever may be the
// value of a parameter there, and nothing else. What only a parser of whole fields can be asked is left out, as are
// the two that are free to fail.

/** Whether the text is accepted as the value of a parameter. */
const isValue = (text: string): boolean => parseRateLimit(`"a";r=1;x=${text}`).length === 1;
/** Whether the text is accepted as the key of one. */
const isKey = (text: string): boolean => parseRateLimit(`"a";r=1; ${text}=1`).length === 1;

/** The characters of ASCII that a test lets through, in ranges of their codes. */
function accepted(passes: (character: string) => boolean): string {
  const codes = Array.from({ length: 128 }, (_, code) => code).filter((code) => passes(String.fromCharCode(code)));
  const hex = (code: number) => code.toString(16).padStart(2, '0');
  const firsts = codes.filter((code) => !codes.includes(code - 1));
  const lasts = codes.filter((code) => !codes.includes(code + 1));
  return firsts.map((first, n) => (first === lasts[n] ? hex(first) : `${hex(first)}-${hex(lasts[n]!)}`)).join(' ');
}

const values: Record<string, { readonly good: readonly string[]; readonly bad: readonly string[] }> = {
  'number.json': {
    good: [
      ...['42', '0', '-0', '-42', '042', '-042', '00', '123456789012345', '-123456789012345'],
      ...['1.23', '-1.23', '123456789012.1', '1.123', '-1.123', '1.20', '1.200', '1.230'],
    ],
    bad: [
      ...['--0', '2,3', '-a23', '4-2', '- 42', '1234567890123456', '-1234567890123456', '1. 23', '1 .23', '- 1.23'],
      ...['1.5.4', '1..4', '1.', '1.1234', '-1.1234', '1234567890123.0', '-1234567890123.0'],
    ],
  },
  'string.json': {
    good: ['"foo bar"', '""', `"${'foo '.repeat(64)}"`, '"   "', '"foo \\"bar\\" \\\\ baz"'],
    bad: ['"füü"', '"\t"', '" \n "', "'foo'", '"foo', '"foo \\,"', '"foo \\"', '"foo \\'],
  },
  'token.json': { good: ['a_b-c.d3:f%00/*', 'fooBar', 'FooBar'], bad: [] },
  'binary.json': {
    good: [':aGVsbG8=:', '::', ':/+Ah:'],
    bad: [
      ...[':=aGVsbG8=:', ':a=GVsbG8=:', ':aGVsbG8.:', ':aGVsbG8=', ':aGVsb G8=:', ':    :', ':aGVsbG!8=:'],
      ...[':aGVsbG8=!:', ':_-Ah:', ':'],
    ],
  },
  'boolean.json': {
    good: ['?1', '?0'],
    bad: ['?Q', '? 1', '?-0', '?T', '?F', '?t', '?f', '?True', '?False', '?'],
  },
  'date.json': {
    good: ['@0', '@1659578233', '@-1659578233', '@2147483648', '@4294967296', '@253402214400', '@-62135596800', '@-0'],
    bad: ['@1659578233.12', '@1000000000000000', '@-1000000000000000', '@', '@-', '@ 12345678', '@abc'],
  },
  'display-string.json': {
    good: [
      '%"foo bar"',
      '%"f%c3%bc%c3%bc"',
      '%"foo %22bar%22 \\ baz"',
      '%"BOM: %ef%bb%bf"',
      '%"%61"',
      `%" !%22#$%25&'()"`,
    ],
    bad: [
      ...['%"f%C3%BC%C3%BC"', '%"füü"', '%"\t"', '%"\n"', "%'foo'", '%foo', '%foo"', '%"foo', '%"foo %a'],
      ...['%"%c3%28"', '%"%a0%a1"', '%"%g0%1w"', '%"%e2%28%a1"', '%"%f0%28%8c%28"', '%"%"'],
    ],
  },
  'item.json': { good: [], bad: ['', ' \t 1', '1 \t '] },
};

describe('vectors of httpwg/structured-field-tests for the parameters of a RateLimit field', () => {
  const all = Object.entries(values).flatMap(([file, { good, bad }]) => [
    ...good.map((text) => ({ file, text, isGood: true })),
    ...bad.map((text) => ({ file, text, isGood: false })),
  ]);
  it.each(all)('$file: $text, accepted: $isGood', ({ text, isGood }) => {
    expect(isValue(text)).toBe(isGood);
  });

  // Each of them 128 vectors, one for each character.
  it.each([
    ['string-generated.json, in a string', '20-21 23-5b 5d-7e', (c: string) => isValue(`" ${c} "`)],
    ['string-generated.json, behind a backslash', '22 5c', (c: string) => isValue(`"\\${c}"`)],
    ['token-generated.json, in a token', '21 23-27 2a-2b 2d-3b 41-5a 5e-7a 7c 7e', (c: string) => isValue(`a${c}a`)],
    // An Item may begin with a space, the value of a parameter not.
    ['token-generated.json, at its begin', '2a 41-5a 61-7a', (c: string) => isValue(`${c}a`)],
    ['key-generated.json, in a key', '2a 2d-2e 30-39 3b 5f 61-7a', (c: string) => isKey(`a${c}a`)],
    ['key-generated.json, at its begin', '20 2a 61-7a', (c: string) => isKey(`${c}a`)],
  ])('%s: %s', (_, codes, passes) => {
    expect(accepted(passes)).toBe(codes);
  });

  it('number-generated.json: up to 15 digits, or up to 12 with up to 3 behind the point', () => {
    const lengths = Array.from({ length: 15 }, (_, n) => n + 1);
    for (const digit of ['0', '1', '9']) {
      expect(lengths.filter((n) => isValue(digit.repeat(n)))).toEqual(lengths);
      for (const fraction of ['0', '00', '000', '1', '11', '111']) {
        expect(lengths.filter((n) => isValue(`${digit.repeat(n)}.${fraction}`))).toEqual(lengths.slice(0, 12));
      }
    }
    expect([isValue(`${'0'.repeat(12)}.1111`), isValue(`${'9'.repeat(16)}`)]).toEqual([false, false]);
  });

  // There the items are tokens; both fields here have strings.
  it.each([
    ['"a";r=1;b=2; "c", "d";q=9;r="+w"', 0],
    ['"a","b";r=5', 0],
    ['"a";r=1,"b";r=2', 2],
    ['"a";r=1  ,  "b";  r=2;  charset=utf-8', 2],
    ['"a";r=1\t,\t"b";r=2', 2],
    ['  "a";r=1, "b";r=2', 2],
    ['"a";b=1;c=2;b=3;r=1', 1],
    ['"a";m;z;t;r=1', 0],
    ['"a";r =1', 0],
    ['"a";r= 1', 0],
    ['"a" ;r=1', 0],
    ['"a";r=1,', 0],
    ['"a";r=1,,"b";r=1', 0],
    ['"a";r=1;', 0],
    ['"a";r=1; ', 0],
    ['"a";r=1;=1', 0],
  ])('list.json, param-list.json: %j has %i items', (field, count) => {
    expect(parseRateLimit(field)).toHaveLength(count);
  });

  it('large-generated.json: a thousand items, 256 parameters, keys of 64 characters', () => {
    const items = Array.from({ length: 1_024 }, (_, n) => `"a${n}";r=1`);
    const parameters = Array.from({ length: 256 }, (_, n) => `;a${n}=1`).join('');
    expect(parseRateLimit(items.join(', '))).toHaveLength(1_024);
    expect(parseRateLimit(`"a";r=1${parameters}`)).toHaveLength(1);
    expect(isKey('a'.repeat(64))).toBe(true);
    expect(isValue(`"${'='.repeat(1_024)}"`)).toBe(true);
  });
});
