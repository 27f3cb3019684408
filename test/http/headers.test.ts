import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { findHeader, headersRecord, mergeHeaders, readHeaders, withoutHeaders } from '../../lib/http/headers.js';

const name = fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,8}$/).map((text) => `x-${text}`);
const value = fc.stringMatching(/^[\u0020-\u007e\u0080-\u00ff]{0,10}$/);

describe('readHeaders', () => {
  it('gives names in lower case and values by turns, in the order given', () => {
    expect(readHeaders({ 'X-B': 'b', 'X-A': ['1', '2'], 'x-c': 3, 'x-d': undefined }, 'headers')).toEqual([
      ...['x-b', 'b', 'x-a', '1', 'x-a', '2', 'x-c', '3'],
    ]);
    expect(readHeaders(undefined, 'headers')).toEqual([]);
  });

  it('keeps every field that can be sent, from a record and from pairs', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value)), (pairs) => {
        const flat = pairs.flatMap(([key, text]) => [key.toLowerCase(), text.trim()]);
        expect(readHeaders(pairs, 'headers')).toEqual(flat);
        const record = Object.fromEntries(pairs);
        expect(readHeaders(record, 'headers')).toHaveLength(2 * Object.keys(record).length);
      }),
    );
  });

  it('refuses every value with a character that a field cannot carry', () => {
    const bad = fc.constantFrom('\r', '\n', '\0', '\u007f', '\u0100', '\u010a', '\u2028', '\ud800', '\u0008', '\u001b');
    fc.assert(
      fc.property(value, bad, value, (before, character, after) => {
        // What stands at an end is trimmed, as the platform does: put text around it.
        const text = `a${before}${character}${after}a`;
        expect(() => readHeaders({ 'x-a': text }, 'headers')).toThrowError(/headers\.x-a/);
      }),
    );
  });

  it('reads own members only', () => {
    const inherits = Object.create({ 'x-inherited': '1' }) as Record<string, string>;
    inherits['x-own'] = '1';
    expect(readHeaders(inherits, 'headers')).toEqual(['x-own', '1']);
  });

  it.each([[['a', 'b']], [[['a']]], [[['a', 'b', 'c']]], [new Set(['a'])], ['text'], [7], [null]])(
    'refuses what is neither a record nor pairs (%#)',
    (input) => {
      const wrong = expect.objectContaining({ kind: 'config', field: 'headers' }) as Error;
      expect(() => readHeaders(input, 'headers')).toThrowError(wrong);
    },
  );
});

describe('mergeHeaders', () => {
  it('lets fields go over all of the same name, and keeps the others', () => {
    const under = ['a', '1', 'b', '1', 'a', '2'];
    expect(mergeHeaders(under, ['a', '3'])).toEqual(['b', '1', 'a', '3']);
    expect(mergeHeaders(under, [])).toBe(under);
    expect(mergeHeaders([], ['a', '3', 'a', '4'])).toEqual(['a', '3', 'a', '4']);
  });
});

describe('fields', () => {
  const flat = ['a', '1', 'content-type', '2', 'a', '3', 'content-encoding', '4'];

  it('are found by name, the first of several', () => {
    expect([findHeader(flat, 'a'), findHeader(flat, '1'), findHeader(flat, 'b')]).toEqual(['1', undefined, undefined]);
  });

  it('lose those that others hold with the same value', () => {
    expect(withoutHeaders(flat, ['a', '3', 'content-type', 'other', '2', 'a'])).toEqual([
      ...['a', '1', 'content-type', '2', 'content-encoding', '4'],
    ]);
    expect(withoutHeaders(flat, [])).toEqual(flat);
  });

  it('become a record without a prototype', () => {
    const record = headersRecord([...flat, '__proto__', 'x', 'constructor', 'y']);
    expect({ ...record }).toEqual({
      a: '1, 3',
      'content-type': '2',
      'content-encoding': '4',
      ['__proto__']: 'x',
      constructor: 'y',
    });
    expect('toString' in record).toBe(false);
  });
});
